// npm run screenshots: takes a picture of every view and step, with the Chromium that is installed, into dist/screenshots,
// and those of the README into build/readme.

import { ensureBuilt } from './build.mjs'
import { runNode } from './project.mjs'

await ensureBuilt()
const vitest = 'node_modules/vitest/vitest.mjs'
process.exitCode = await runNode(vitest, ['run', '--config', 'test/screenshots.config.ts'])
