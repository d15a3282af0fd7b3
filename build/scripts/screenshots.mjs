// npm run screenshots: makes the pictures of the README anew, in build/readme, with the Chromium that is installed.

import { inProject, runNode } from './project.mjs'

process.env['SCREENSHOTS'] = inProject('build', 'readme')
const vitest = 'node_modules/vitest/vitest.mjs'
process.exitCode = await runNode(vitest, ['run', '--config', 'test/vitest.config.ts', 'test/e2e/screenshots.test.ts'])
