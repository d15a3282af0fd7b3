// npm run check: types, lint, format, tests, in that order; stops at the first that fails and says which.

import { ensureInstalled } from './ensure-installed.mjs'
import { fail, runNpm, say } from './project.mjs'
import { runTests } from './test.mjs'

const npmScript = (name) => () => runNpm(['run', '--silent', name])

const steps = [
  { name: 'types', work: npmScript('types') },
  { name: 'lint', work: npmScript('lint') },
  { name: 'format check', work: npmScript('format:check') },
  { name: 'tests', work: () => runTests(process.argv.slice(2)) },
]

await ensureInstalled()
for (const [index, { name, work }] of steps.entries()) {
  say(`\n== ${index + 1}/${steps.length} ${name}`)
  const status = await work()
  if (status !== 0) fail(`\ncheck stopped: ${name} failed (status ${status})`, status)
}
say('\ncheck passed')
