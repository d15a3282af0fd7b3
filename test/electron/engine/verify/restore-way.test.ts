// Which archives fossil/flfmt -v would take, and fossil what comes of it: each of its checks with an archive that fails it.

import { describe, expect, test } from 'vitest'
import { restoreWayOf } from '../../../../electron/engine/verify/restore-way.ts'
import type { RootScore } from '../../../../shared/model/score.ts'
import { nameBytesOf, rootBytesOf, VacBuilder, withoutZeros, type NodePlan } from '../../../helpers/vac-builder.ts'

const dir = (name: string): NodePlan => ({ name, children: [] })
const tops = [dir('active'), dir('archive'), dir('snapshot')]
const qidSpace: readonly [number, Buffer] = [3, Buffer.alloc(16, 1)]
const sections = { sections: [qidSpace] }

const builder = (): VacBuilder => new VacBuilder({ version: 9 })

/** The archive made by `make`, with the block below its top block changed. */
function spoiled(change: (inner: Buffer) => Uint8Array): { store: VacBuilder['store']; root: RootScore } {
  const { store, archive } = { store: builder(), archive: tops }
  const root = store.archive(archive, { fossil: true, attributes: sections })
  const block = (score: string, type: number): Buffer => Buffer.from(store.store.blocks.get(`${score}/${type}`)!)
  const top = block(block(root, 1).toString('hex', 258, 278), 2)
  const inner = Buffer.alloc(120)
  block(top.toString('hex', 20, 40), 2).copy(inner)
  top.write(store.store.put(2, withoutZeros(change(inner))), 20, 'hex')
  const newTop = store.store.put(2, withoutZeros(top))
  return { store: store.store, root: store.store.put(1, rootBytesOf({ top: newTop })) as string as RootScore }
}

describe('a fossil', () => {
  test.each([8192, 4096, 57_344])('with all that flfmt asks for, blocks of %d', async (blockSize) => {
    const made = builder()
    const root = made.archive(tops, { fossil: true, attributes: sections, root: { blockSize } })
    expect(await restoreWayOf(made.store, root)).toEqual({ kind: 'fossil', blockSize })
  })

  test.each([1000, 60_000])('with blocks of %d', async (blockSize) => {
    const made = builder()
    const root = made.archive(tops, { fossil: true, attributes: sections, root: { blockSize } })
    const why = `its blocks of ${blockSize} bytes are no size for a fossil`
    expect(await restoreWayOf(made.store, root)).toEqual({ kind: 'files', under: '/active', why })
  })

  test('without the qid space', async () => {
    const made = builder()
    const root = made.archive(tops, { fossil: true })
    const why = 'the attributes of its root do not say how far its qids go'
    expect(await restoreWayOf(made.store, root)).toEqual({ kind: 'files', under: '/active', why })
  })

  test.each(['active', 'archive', 'snapshot'])('without /%s, or with a file of that name', async (name) => {
    const rest = tops.filter((one) => one.name !== name)
    for (const children of [rest, [...rest, { name, data: Buffer.from('x') }]]) {
      const made = builder()
      const root = made.archive(children, { fossil: true, attributes: sections })
      const under = name === 'active' ? '' : '/active'
      const why = `there is no directory /${name} in it`
      expect(await restoreWayOf(made.store, root)).toEqual({ kind: 'files', under, why })
    }
  })

  test('with a fourth entry, or an entry without sizes', async () => {
    const fourth = spoiled((inner) => Buffer.concat([inner, Buffer.alloc(40, 1)]))
    // The stream itself says 120 bytes, which is what everybody else goes by.
    expect(await restoreWayOf(fourth.store, fourth.root)).toMatchObject({
      why: expect.stringMatching(/more than 3 entries/) as string,
    })
    const unsized = spoiled((inner) => {
      inner.fill(0, 44, 48).fill(0, 54, 60).write('da39a3ee5e6b4b0d3255bfef95601890afd80709', 60, 'hex')
      return inner
    })
    expect(await restoreWayOf(unsized.store, unsized.root)).toMatchObject({
      why: 'entry 1 of its directory block is not in use',
    })
  })

  test('with no attributes of its root at all', async () => {
    const made = builder()
    const { source, meta } = made.directory(tops)
    const root = made.root([source, meta, made.putMeta([])], { fossil: true })
    expect(await restoreWayOf(made.store, root)).toMatchObject({
      why: 'the attributes of its root are not in one block',
    })
  })

  test('whose root has attributes in more than one block', async () => {
    const made = builder()
    const { source, meta } = made.directory(tops)
    const own = nameBytesOf({ name: 'root', entry: 0, mode: 0x8000, version: 9, sections: [qidSpace] })
    const rootMeta = made.putMeta([own], { extraDepth: 1 })
    const root = made.root([source, meta, rootMeta], { fossil: true })
    expect(await restoreWayOf(made.store, root)).toMatchObject({
      why: 'the attributes of its root are not in one block',
    })
  })
})

test('an archive of vac, also one with the three directories and the qid space', async () => {
  const why = 'it is an archive of vac, or of a part of a fossil'
  for (const children of [tops, [dir('home')]]) {
    const made = builder()
    const root = made.archive(children, { attributes: sections })
    expect(await restoreWayOf(made.store, root)).toEqual({ kind: 'files', under: '', why })
  }
})
