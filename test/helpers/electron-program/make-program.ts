// Puts the stand-in for Electron's program into a folder that ELECTRON_OVERRIDE_DIST_PATH can name.

import { chmod, copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { chromiumArgs, chromiumPath } from '../chromium.ts'
import { projectDir } from '../project-dir.ts'

/** Returns the path of the program. */
export async function makeElectronProgram(folder: string): Promise<string> {
  await build({
    root: projectDir,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      ssr: 'test/helpers/electron-program/program.ts',
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'program.mjs', codeSplitting: false } },
    },
  })
  const { chromium, args } = { chromium: chromiumPath(), args: chromiumArgs() }
  await writeFile(join(folder, 'chromium.json'), JSON.stringify({ chromium, chromiumArgs: args }))
  await copyFile(join(projectDir, 'test/helpers/electron/engine-shim.mjs'), join(folder, 'engine-shim.mjs'))
  const program = join(folder, 'electron')
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${join(folder, 'program.mjs')}' "$@"\n`)
  await chmod(program, 0o755)
  return program
}
