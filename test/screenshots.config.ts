import { defineConfig } from 'vitest/config'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

export default defineConfig({
  root,
  test: { root, include: ['test/e2e/screenshots.ts'], pool: 'forks', hookTimeout: 120_000, reporters: ['default'] },
})
