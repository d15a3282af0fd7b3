import { expect, test } from 'vitest'
import type { ArenaMap } from '../../../shared/model/window.ts'
import { ArenaMaps } from '../../../electron/service/arena-maps.ts'

function scene() {
  const made: ((map: ArenaMap | Error) => void)[] = []
  let nowMs = 0
  const maps = new ArenaMaps(() => nowMs)
  const ask = async (sequence: number, isSyncing: boolean): Promise<ArenaMap> =>
    await maps.of('cirno', { sequence, isSyncing }, async () => {
      return await new Promise((resolve, reject) => {
        made.push((map) => (map instanceof Error ? reject(map) : resolve(map)))
      })
    })
  return { made, ask, pass: (ms: number) => void (nowMs += ms) }
}

const aMap = (mirror: string): ArenaMap => ({ mirror }) as ArenaMap

test('those who ask in the same moment get the same map', async () => {
  const { made, ask } = scene()
  const both = [ask(1, false), ask(1, false)]
  expect(made).toHaveLength(1)
  made[0]?.(aMap('one'))
  expect(await Promise.all(both)).toEqual([aMap('one'), aMap('one')])
  void ask(1, false)
  expect(made).toHaveLength(2)
})

test('during a sync it is kept for some seconds, but not beyond a change of the mirror', async () => {
  const { made, ask, pass } = scene()
  const first = ask(1, true)
  made[0]?.(aMap('one'))
  await first
  pass(4999)
  expect(await ask(1, true)).toEqual(aMap('one'))
  void ask(2, true)
  expect(made).toHaveLength(2)
  pass(5001)
  made[1]?.(aMap('two'))
  expect(await ask(2, true)).toEqual(aMap('two'))
  pass(5001)
  void ask(2, true)
  expect(made).toHaveLength(3)
})

test('one that could not be made is made again', async () => {
  const { made, ask } = scene()
  const first = ask(1, true)
  made[0]?.(new Error('the disk is away'))
  await expect(first).rejects.toThrow('the disk is away')
  const second = ask(1, true)
  made[1]?.(aMap('one'))
  expect(await second).toEqual(aMap('one'))
})
