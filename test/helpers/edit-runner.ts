// Edits a 9fat again and again, and kills itself at its Nth write or flush of it: what kill-9fat.test.ts bundles and starts.
// FILE STATEDIR FIRST N. Prints the number of each edit that is finished.

import { open, type FileHandle } from 'node:fs/promises'
import { changeNinefat, textBytes } from '../../electron/engine/fat/ninefat.ts'
import { numberedLine, numberedRoot } from './cut-volumes.ts'

const [file, stateDir, first, fatal] = process.argv.slice(2) as [string, string, string, string]

// Only a 9fat is written by offset or brought to disk without its times; state files are written whole.
const trial = await open(file, 'r')
const methods = Object.getPrototypeOf(trial) as Record<'write' | 'datasync', (...args: unknown[]) => Promise<unknown>>
await trial.close()
let events = 0
for (const name of ['write', 'datasync'] as const) {
  const real = methods[name]
  methods[name] = async function (this: FileHandle, ...args) {
    events++
    if (events === Number(fatal)) process.kill(process.pid, 'SIGKILL')
    return await real.apply(this, args)
  }
}

for (let number = Number(first); ; number++) {
  await changeNinefat(
    file,
    ({ rootscor }) => {
      // A short log again now and then, so that copies and appends both come up.
      const isLong = (rootscor.text ?? '').split('\n').length > 30
      return [
        { kind: isLong ? 'replace' : 'append', name: 'rootscor', content: textBytes(numberedRoot(number)) },
        { kind: 'replace', name: 'wrcmd', content: textBytes(numberedLine(number)) },
      ]
    },
    { stateDir, now: new Date() },
  )
  process.stdout.write(`${number}\n`)
}
