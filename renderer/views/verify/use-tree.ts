// The tree of one root on one target as far as it was looked at: pages asked for as their rows come into sight.

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { CheckResult, Problem, RootId, TreePage } from '../../../shared/model/window.ts'
import { problemFrom } from '../../service-error.ts'
import { useApi } from '../../store/hooks.tsx'
import { PageQueue, type Page } from './page-queue.ts'
import {
  closed,
  emptyFolder,
  entryAt,
  opened,
  pageEntries,
  pagesWanted,
  seekName,
  withPage,
  type Folders,
  type Row,
} from './tree-rows.ts'

export type Tree = {
  readonly folders: Folders
  readonly problem: Problem | null
  /** Asks for what these rows lack. */
  readonly show: (first: number, last: number) => void
  readonly open: (row: Row) => void
  readonly close: (row: Row) => void
  /** Number of the first entry of a folder whose name begins so; -1: none. */
  readonly seek: (path: string, prefix: string) => Promise<number>
  readonly retry: () => void
}

const keyOf = ({ path, from }: Page): string => `${from} ${path}`

/** `healed`: what could not be read is tried again when it changes. */
export function useTree(root: RootId, dial: string, healed: CheckResult | null): Tree {
  const api = useApi()
  const [folders, setFolders] = useState<Folders>(() => new Map([['/', emptyFolder('/')]]))
  const [problem, setProblem] = useState<Problem | null>(null)
  const latest = useRef(folders)
  useLayoutEffect(() => {
    latest.current = folders
  }, [folders])
  // By page: what comes, or came.
  const [asked] = useState(() => new Map<string, Promise<TreePage | null>>())

  const load = useCallback(
    async (wanted: Page): Promise<TreePage | null> => {
      const { path, from } = wanted
      const before = asked.get(keyOf(wanted))
      if (before !== undefined) return await before
      const coming = api.ask('tree.list', { root, dial, path, from, count: pageEntries }).then(
        (page) => {
          setFolders((now) => withPage(now, path, from, page))
          setProblem(null)
          return page
        },
        (thrown: unknown) => {
          // Asked for again when its rows come into sight once more, or by a retry.
          asked.delete(keyOf(wanted))
          setProblem(problemFrom(thrown))
          return null
        },
      )
      asked.set(keyOf(wanted), coming)
      return await coming
    },
    [api, asked, root, dial],
  )
  const queue = useMemo(() => new PageQueue(load), [load])
  // Of an open folder nothing is known until its first page has come.
  useEffect(() => {
    for (const { path, total } of folders.values()) if (total === null) void load({ path, from: 0 })
  }, [folders, load])
  const show = useCallback(
    (first: number, last: number): void => {
      queue.want(pagesWanted(folders, first, last).filter((page) => !asked.has(keyOf(page))))
    },
    [asked, queue, folders],
  )
  const open = useCallback((row: Row): void => setFolders((now) => opened(now, row)), [])
  const close = useCallback((row: Row): void => setFolders((now) => closed(now, row)), [])
  const seek = useCallback(
    async (path: string, prefix: string): Promise<number> => {
      const total = latest.current.get(path)?.total ?? 0
      return await seekName(total, prefix, async (number) => {
        const folder = latest.current.get(path)
        const known = folder === undefined ? null : entryAt(folder, number)
        if (known !== null) return known
        const page = await load({ path, from: number - (number % pageEntries) })
        return page?.entries[number % pageEntries] ?? null
      })
    },
    [load],
  )
  // Looked at anew, what is not there is asked for anew.
  const retry = useCallback((): void => {
    setProblem(null)
    setFolders((now) => new Map(now))
  }, [])
  const [tried, setTried] = useState(healed)
  if (tried !== healed) {
    setTried(healed)
    if (problem !== null) retry()
  }
  return useMemo(
    () => ({ folders, problem, show, open, close, seek, retry }),
    [folders, problem, show, open, close, seek, retry],
  )
}
