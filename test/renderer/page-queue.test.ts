// Pages of a tree while a list is dragged along: few at a time, and only what is still wanted.

import { expect, test } from 'vitest'
import { PageQueue, type Page } from '../../renderer/views/verify/page-queue.ts'

const page = (from: number): Page => ({ path: '/', from })

test('two at a time; what was wished for meanwhile takes the place of what waits', async () => {
  const asked: number[] = []
  const answers: (() => void)[] = []
  const queue = new PageQueue(async ({ from }) => {
    asked.push(from)
    await new Promise<void>((resolve) => answers.push(resolve))
  })
  const answer = async (): Promise<void> => {
    answers.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  queue.want([page(1), page(2), page(3)])
  expect(asked).toEqual([1, 2])
  queue.want([page(10), page(11)])
  queue.want([page(20), page(21), page(22)])
  expect(asked).toEqual([1, 2])
  await answer()
  expect(asked).toEqual([1, 2, 20])
  await answer()
  await answer()
  expect(asked).toEqual([1, 2, 20, 21, 22])
  while (answers.length > 0) await answer()
  queue.want([])
  expect(asked).toHaveLength(5)
  queue.want([page(30)])
  expect(asked.at(-1)).toBe(30)
})
