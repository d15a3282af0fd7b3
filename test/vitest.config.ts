import { defineConfig } from 'vitest/config'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Files that share a process, one after the other: starting one takes longer than most of them. */
const together = ['renderer', 'shared', 'electron/{cli,engine,platform,service}', 'electron/app/habits'].map(
  (folder) => `test/${folder}/**/*.test.{ts,tsx}`,
)
/** Those that would not leave it as they found it, or look at the process itself: clocks, spies, memory. */
const alone = [
  'test/electron/app/habits/daily-time.test.ts',
  'test/electron/engine/extract/{hostile-names,resume}.test.ts',
  'test/electron/engine/venti/client/{hostile,timeout}.test.ts',
  'test/electron/engine/venti/server/{arena-store,server}.test.ts',
]
const every = ['test/**/*.test.{ts,tsx}']
const setupFiles = fileURLToPath(new URL('helpers/fuzz-seed.ts', import.meta.url))

export default defineConfig({
  root,
  // Electron is no library of Node: a double stands in for it.
  resolve: { alias: { electron: fileURLToPath(new URL('helpers/electron/electron.ts', import.meta.url)) } },
  test: {
    root,
    projects: [
      { extends: true, test: { name: 'alone', include: every, exclude: together } },
      // The same folders, but for what cannot be together.
      { extends: true, test: { name: 'alone as well', include: alone } },
      { extends: true, test: { name: 'together', include: together, exclude: alone, isolate: false } },
    ],
    // Two tests take ten seconds on an idle machine; one shared with others is several times slower.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    setupFiles,
    pool: 'forks',
    // They hold many buffers and little else: a roomy nursery and no helper threads spare a small machine a fifth of the work.
    execArgv: ['--min-semi-space-size=16', '--max-semi-space-size=32', '--single-threaded-gc'],
    // Most tests wait for a server or a process of their own: one more than a small machine has cores keeps it busy.
    maxWorkers: Math.max(3, availableParallelism()),
    reporters: ['default', fileURLToPath(new URL('helpers/closing-line-reporter.ts', import.meta.url))],
  },
})
