// Listings are sorted where that costs little, and never wait for the end of a directory that has none.

import { expect, test } from 'vitest'
import { listTree, type ListedOrProblem } from '../../../../electron/engine/extract/list-tree.ts'
import { openTree } from '../../../../electron/engine/vac/tree.ts'
import { VacBuilder, type NodePlan } from '../../../helpers/vac-builder.ts'

const pathOf = (found: ListedOrProblem): string =>
  found.kind === 'entry' ? found.entry.path : `! ${found.problem.path}`

async function allOf(listing: AsyncIterable<ListedOrProblem>): Promise<ListedOrProblem[]> {
  const found: ListedOrProblem[] = []
  for await (const one of listing) found.push(one)
  return found
}

async function pathsOf(children: readonly NodePlan[], recursive: boolean): Promise<string[]> {
  const builder = new VacBuilder()
  const tree = await openTree(builder.store, builder.archive(children))
  return (await allOf(listTree(tree, '/', { recursive }))).map(pathOf)
}

test('every kind by its name, folders before what is in them', async () => {
  const builder = new VacBuilder()
  const children: readonly NodePlan[] = [
    { name: 'z', children: [{ name: 'y' }, { name: 'x', children: [{ name: 'w' }] }] },
    { name: 'l', data: Buffer.from('z'), attributes: { mode: 0o777 | (1 << 14) } },
    { name: 'd', attributes: { mode: 0o600 | (1 << 21) } },
    { name: 'p', attributes: { mode: 0o600 | (1 << 22) } },
    { name: 'Z' },
  ]
  const tree = await openTree(builder.store, builder.archive(children))
  const found = await allOf(listTree(tree, '/', { recursive: true }))
  expect(found.map((one) => (one.kind === 'entry' ? [one.entry.path, one.entry.kind] : one))).toEqual([
    ['Z', 'file'],
    ['d', 'device'],
    ['l', 'symlink'],
    ['p', 'pipe'],
    ['z', 'directory'],
    ['z/x', 'directory'],
    ['z/x/w', 'file'],
    ['z/y', 'file'],
  ])
  expect(await pathsOf(children, false)).toEqual(['Z', 'd', 'l', 'p', 'z'])
})

test('a large directory is listed while it is read, each name once', async () => {
  const count = 40_000
  const names = Array.from({ length: count }, (_, i) => `n${String(count - i).padStart(6, '0')}`)
  const builder = new VacBuilder()
  const root = builder.archive(names.map((name) => ({ name })))
  const tree = await openTree(builder.store, root)
  const listing = listTree(tree, '/', { recursive: false })
  const first = await listing.next()
  const readsAtFirst = builder.store.reads
  expect(pathOf(first.value!)).toMatch(/^n0/)
  const rest = await allOf(listing)
  expect(builder.store.reads).toBeGreaterThan(readsAtFirst + 50)
  expect([pathOf(first.value!), ...rest.map(pathOf)].toSorted()).toEqual(names.toSorted())
})

test('a directory deeper than anybody walks is listed to there', async () => {
  let children: readonly NodePlan[] = [{ name: 'leaf' }]
  for (let depth = 0; depth < 510; depth++) children = [{ name: 'd', children }]
  const found = await pathsOf(children, true)
  expect(found.length).toBe(501)
  expect(found.at(-1)).toMatch(/^! /)
})
