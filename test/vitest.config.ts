import { defineConfig } from 'vitest/config'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

export default defineConfig({
  root,
  // Electron is no library of Node: a double stands in for it.
  resolve: { alias: { electron: fileURLToPath(new URL('helpers/electron/electron.ts', import.meta.url)) } },
  test: {
    root,
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    // Two tests take ten seconds on an idle machine; one shared with others is several times slower.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Most tests wait for a server or a process of their own: one more than a small machine has cores keeps it busy.
    maxWorkers: Math.max(3, availableParallelism()),
    setupFiles: fileURLToPath(new URL('helpers/fuzz-seed.ts', import.meta.url)),
    reporters: ['default', fileURLToPath(new URL('helpers/closing-line-reporter.ts', import.meta.url))],
  },
})
