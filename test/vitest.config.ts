import { defineConfig } from 'vitest/config'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

export default defineConfig({
  root,
  test: {
    root,
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    // Two tests take ten seconds on an idle machine; one shared with others is several times slower.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    pool: 'forks',
    reporters: ['default', fileURLToPath(new URL('helpers/closing-line-reporter.ts', import.meta.url))],
  },
})
