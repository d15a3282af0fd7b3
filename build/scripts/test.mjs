// npm test [-- VITEST ARGUMENTS]: installs and builds what is missing (tests drive dist/cli.js too), then runs vitest.

import { ensureBuilt } from './build.mjs'
import { isMain, runNode } from './project.mjs'

export async function runTests(args) {
  await ensureBuilt()
  return runNode('node_modules/vitest/vitest.mjs', ['run', '--config', 'test/vitest.config.ts', ...args])
}

if (isMain(import.meta.url)) process.exitCode = await runTests(process.argv.slice(2))
