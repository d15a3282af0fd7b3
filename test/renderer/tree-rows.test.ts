// The open tree as rows: whatever is opened, closed and loaded, rows are those of the same tree written out in full.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  closed,
  emptyFolder,
  entryAt,
  indexOf,
  opened,
  pageEntries,
  pagesWanted,
  pathIn,
  rowAt,
  rowCount,
  seekName,
  withPage,
  type Folders,
  type Row,
} from '../../renderer/views/verify/tree-rows.ts'
import type { TreeEntry } from '../../shared/model/window.ts'

type Tree = { readonly [name: string]: Tree | null }

const entryOf = (name: string, child: Tree | null): TreeEntry => ({
  name,
  path: name,
  kind: child === null ? 'file' : 'directory',
  letters: '',
  mode: '',
  uid: '',
  gid: '',
  mid: '',
  size: 0,
  mtime: 0,
})

function at(tree: Tree, path: string): Tree {
  let here = tree
  for (const name of path.split('/').filter((part) => part !== '')) here = here[name] as Tree
  return here
}

function loaded(folders: Folders, tree: Tree, path: string): Folders {
  const all = Object.entries(at(tree, path)).map(([name, child]) => entryOf(name, child))
  let next = folders
  for (let from = 0; from === 0 || from < all.length; from += pageEntries) {
    const entries = all.slice(from, from + pageEntries)
    next = withPage(next, path, from, { path, entries, total: all.length, problems: [] })
  }
  return next
}

/** Names by level, written out in full. */
function written(tree: Tree, open: ReadonlySet<string>, path = '/', level = 1): string[] {
  return Object.entries(at(tree, path)).flatMap(([name, child]) => {
    const here = pathIn(path, name)
    return [`${level} ${here}`, ...(child !== null && open.has(here) ? written(tree, open, here, level + 1) : [])]
  })
}

const shown = (row: Row): string => `${row.level} ${pathIn(row.folder.path, row.entry?.name ?? '?')}`

function rowsOf(folders: Folders): Row[] {
  const rows: Row[] = []
  for (let index = 0; index < rowCount(folders); index++) rows.push(rowAt(folders, index) as Row)
  return rows
}

const start = (tree: Tree): Folders => loaded(new Map([['/', emptyFolder('/')]]), tree, '/')

const trees: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.dictionary(
    fc.stringMatching(/^[a-z]{1,3}$/),
    fc.option(tie('tree'), { depthIdentifier: 'tree', maxDepth: 4 }),
    { maxKeys: 6 },
  ),
})).tree

test('as the tree written out, after any openings and closings', () => {
  fc.assert(
    fc.property(trees, fc.array(fc.nat(30), { maxLength: 20 }), (tree, presses) => {
      let folders = start(tree)
      const open = new Set<string>()
      for (const press of presses) {
        const count = rowCount(folders)
        if (count === 0) break
        const row = rowAt(folders, press % count) as Row
        const path = pathIn(row.folder.path, row.entry?.name ?? '')
        if (row.entry?.kind !== 'directory') {
          expect(opened(folders, row)).toBe(folders)
        } else if (row.isOpen) {
          folders = closed(folders, row)
          open.delete(path)
        } else {
          folders = loaded(opened(folders, row), tree, path)
          open.add(path)
        }
        const rows = rowsOf(folders)
        expect(rows.map(shown)).toEqual(written(tree, open))
        for (const [index, one] of rows.entries()) {
          expect(indexOf(folders, one.folder.path, one.number)).toBe(index)
        }
      }
      expect(rowAt(folders, rowCount(folders))).toBeNull()
      expect(rowAt(folders, -1)).toBeNull()
    }),
  )
})

test('a hundred thousand entries: only the pages in sight are wanted, at once', () => {
  const total = 100_000
  const page = (from: number): TreeEntry[] =>
    Array.from({ length: pageEntries }, (_, i) => entryOf(`f${from + i}`, null))
  let folders = withPage(new Map([['/', emptyFolder('/')]]), '/', 0, {
    path: '/',
    entries: page(0),
    total,
    problems: [],
  })
  expect(rowCount(folders)).toBe(total)
  expect(pagesWanted(folders, 0, 50)).toEqual([])
  expect(pagesWanted(folders, 73_150, 73_250)).toEqual([
    { path: '/', from: 73_000 },
    { path: '/', from: 73_200 },
  ])
  folders = withPage(folders, '/', 73_200, { path: '/', entries: page(73_200), total, problems: [] })
  expect(pagesWanted(folders, 73_250, 73_300)).toEqual([])
  expect(rowAt(folders, 73_205)?.entry?.name).toBe('f73205')
  expect(entryAt(folders.get('/')!, 50_000)).toBeNull()
})

test('a name is found among a hundred thousand with few looks, directories before files', async () => {
  const names = [
    ...Array.from({ length: 1000 }, (_, i) => entryOf(`d${String(i).padStart(4, '0')}`, {})),
    ...Array.from({ length: 99_000 }, (_, i) => entryOf(`f${String(i).padStart(5, '0')}`, null)),
  ]
  let looks = 0
  const seek = async (prefix: string): Promise<number> =>
    await seekName(names.length, prefix, (number) => {
      looks++
      return Promise.resolve(names[number] ?? null)
    })
  expect(await seek('f77777')).toBe(1000 + 77_777)
  expect(looks).toBeLessThan(60)
  expect([await seek('d'), await seek('f'), await seek('d0999'), await seek('f98999')]).toEqual([0, 1000, 999, 99_999])
  expect([await seek('x'), await seek('a'), await seek('f99999')]).toEqual([-1, -1, -1])
  expect(await seekName(0, 'a', () => Promise.resolve(null))).toBe(-1)
  expect(await seekName(9, 'a', () => Promise.resolve(null))).toBe(-1)
})
