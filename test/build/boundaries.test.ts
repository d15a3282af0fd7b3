// The layers of the program are build failures: small files that break them are put into a copy of the configuration, and
// the linter or the compiler must refuse each, and only those.

import { execFile } from 'node:child_process'
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openScratchDir, type ScratchDir } from '../helpers/scratch.ts'

type Violation = { readonly file: string; readonly text: string; readonly rule: string }

const layers = 'eslint(no-restricted-imports)'

const refusedByLint: readonly Violation[] = [
  // Only electron/app may import electron.
  { file: 'electron/cli/uses-electron.ts', text: `import { app } from 'electron'\nvoid app`, rule: layers },
  { file: 'electron/service/type.ts', text: `import type { App } from 'electron'\nexport type A = App`, rule: layers },
  { file: 'electron/engine/sync/main.ts', text: `export { app } from 'electron/main'`, rule: layers },
  { file: 'renderer/views/ipc.tsx', text: `import { ipcRenderer } from 'electron'\nvoid ipcRenderer`, rule: layers },
  { file: 'test/helpers/window.ts', text: `import { app } from 'electron'\nvoid app`, rule: layers },
  // Pure codecs import nothing from Node.
  { file: 'electron/engine/bytes/fs.ts', text: `import { hash } from 'node:crypto'\nvoid hash`, rule: layers },
  { file: 'electron/engine/venti/format/out.ts', text: `export { stat } from 'node:fs'`, rule: layers },
  {
    file: 'electron/engine/venti/wire/net.ts',
    text: `import type { Socket } from 'node:net'\nexport type S = Socket`,
    rule: layers,
  },
  { file: 'electron/engine/bookkeeping/fs.ts', text: `import * as fs from 'node:fs/promises'\nvoid fs`, rule: layers },
  {
    file: 'electron/engine/bytes/old-name.ts',
    text: `import { hash } from 'crypto'\nvoid hash`,
    rule: 'unicorn(prefer-node-protocol)',
  },
  // The engine knows nothing of its faces.
  { file: 'electron/engine/sync/report.ts', text: `export { report } from '../../cli/report.ts'`, rule: layers },
  { file: 'electron/engine/bytes/report.ts', text: `export { report } from '../../cli/report.ts'`, rule: layers },
  { file: 'electron/engine/state/log.ts', text: `import { log } from '../../platform/log.ts'\nlog()`, rule: layers },
  {
    file: 'electron/engine/sync/view.ts',
    text: `export { view } from '../../../renderer/views/good.tsx'`,
    rule: layers,
  },
  {
    file: 'electron/engine/sync/host.ts',
    text: `import type { H } from '../../host/h.ts'\nexport type I = H`,
    rule: layers,
  },
  // React only in the renderer, which has neither Node nor Electron.
  { file: 'electron/cli/react.ts', text: `import { memo } from 'react'\nvoid memo`, rule: layers },
  {
    file: 'electron/app/react.ts',
    text: `import { createRoot } from 'react-dom/client'\nvoid createRoot`,
    rule: layers,
  },
  { file: 'electron/engine/sync/store.ts', text: `import { create } from 'zustand'\nvoid create`, rule: layers },
  { file: 'shared/react.ts', text: `import type { FC } from 'react'\nexport type F = FC`, rule: layers },
  { file: 'renderer/fs.ts', text: `import { readFile } from 'node:fs/promises'\nvoid readFile`, rule: layers },
  { file: 'renderer/store/engine.ts', text: `export { hex } from '../../electron/engine/bytes/good.ts'`, rule: layers },
  // House style.
  { file: 'electron/engine/sync/default.ts', text: `export default 1`, rule: 'import(no-default-export)' },
  { file: 'electron/engine/sync/console.ts', text: `console.log(1)`, rule: 'eslint(no-console)' },
  { file: 'test/helpers/console.ts', text: `console.error(1)`, rule: 'eslint(no-console)' },
  { file: 'shared/any.ts', text: `export type Anything = any`, rule: 'typescript(no-explicit-any)' },
  {
    file: 'electron/engine/sync/floating.ts',
    text: `export const go = async (): Promise<void> => {}\ngo()`,
    rule: 'typescript(no-floating-promises)',
  },
]

const refusedByCompiler = {
  'shared/buffer.ts': `export const size = Buffer.byteLength('x')`,
  'shared/dom.ts': `export const title = document.title`,
  'shared/node.ts': `export { hash } from 'node:crypto'`,
  'shared/engine.ts': `export { hex } from '../electron/engine/bytes/good.ts'`,
  'electron/cli/dom.ts': `export const title = document.title`,
  'electron/engine/sync/dom.ts': `export const title = document.title`,
  'electron/engine/sync/face.ts': `export { report } from '../../cli/report.ts'`,
  'renderer/node.ts': `export { hash } from 'node:crypto'`,
  'renderer/buffer.ts': `export const size = Buffer.byteLength('x')`,
  'renderer/engine.ts': `export { hex } from '../electron/engine/bytes/good.ts'`,
}

const allowed = {
  'shared/good.ts': `export const answer = 42`,
  'electron/engine/bytes/good.ts': `import { answer } from '../../../shared/good.ts'\nexport const hex = answer.toString(16)`,
  'electron/engine/source/good.ts': `import { stat } from 'node:fs/promises'\nexport const look = stat`,
  'electron/app/good.ts': `import { app } from 'electron'\nexport const name = (): string => app.getName()`,
  'electron/cli/report.ts': `export const report = (): void => console.log(1)`,
  'electron/platform/log.ts': `export const log = (): void => console.error(1)`,
  'electron/cli/good.ts': `import { hex } from '../engine/bytes/good.ts'\nexport const first = hex`,
  'renderer/views/good.tsx': `import { memo } from 'react'\nexport const view = memo(() => <p>{document.title}</p>)`,
  'build/some.config.ts': `export default {}`,
  'test/renderer/good.ts': `import { memo } from 'react'\nimport { stat } from 'node:fs'\nexport const both = [memo, stat]`,
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const configuration = ['build/oxlint.json', 'build/tsconfig.base.json', 'tsconfig.json', 'package.json']
const projects = ['shared', 'electron', 'electron/engine', 'renderer', 'test']

async function copyOfProject(files: Readonly<Record<string, string>>): Promise<ScratchDir> {
  const scratch = await openScratchDir()
  for (const file of [...configuration, ...projects.map((project) => `${project}/tsconfig.json`)]) {
    await cp(join(root, file), join(scratch.path, file))
  }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(scratch.path, file)), { recursive: true })
    await writeFile(join(scratch.path, file), `${text}\n`)
  }
  await symlink(join(root, 'node_modules'), join(scratch.path, 'node_modules'), 'junction')
  return scratch
}

/** Standard output of a tool from node_modules, whose exit status is not 0 when it has found something. */
function outputOf(cwd: string, tool: string, args: readonly string[]): Promise<{ failed: boolean; text: string }> {
  return new Promise((resolve) => {
    const options = { cwd, maxBuffer: 64 * 2 ** 20 }
    execFile(process.execPath, [join(root, 'node_modules', tool), ...args], options, (error, stdout) => {
      resolve({ failed: error !== null, text: stdout })
    })
  })
}

describe('the linter', () => {
  let scratch: ScratchDir
  let failed: boolean
  const found = new Map<string, string[]>()

  beforeAll(async () => {
    const violations = Object.fromEntries(refusedByLint.map(({ file, text }) => [file, text]))
    scratch = await copyOfProject({ ...violations, ...allowed })
    const folders = ['build', 'electron', 'renderer', 'shared', 'test']
    const args = ['--config', 'build/oxlint.json', '--type-aware', '--deny-warnings', '--format', 'json', ...folders]
    const output = await outputOf(scratch.path, 'oxlint/bin/oxlint', args)
    failed = output.failed
    const report = JSON.parse(output.text) as { diagnostics: { code: string; filename: string }[] }
    for (const { code, filename } of report.diagnostics) found.set(filename, [...(found.get(filename) ?? []), code])
  })
  afterAll(() => scratch.remove())

  test.each(refusedByLint)('refuses $file', ({ file, rule }) => {
    expect(failed).toBe(true)
    expect(found.get(file)).toContain(rule)
  })

  test.each(Object.keys(allowed))('takes %s', (file) => {
    expect(found.get(file)).toBeUndefined()
  })
})

describe('the compiler', () => {
  let scratch: ScratchDir
  let failed: boolean
  let refused: Set<string>

  beforeAll(async () => {
    scratch = await copyOfProject({ ...refusedByCompiler, ...allowed })
    const output = await outputOf(scratch.path, 'typescript/bin/tsc', ['--build', '--pretty', 'false'])
    failed = output.failed
    refused = new Set([...output.text.matchAll(/^([^\s(]+)\(\d+,\d+\): error TS/gm)].map(([, file]) => file!))
  })
  afterAll(() => scratch.remove())

  test.each(Object.keys(refusedByCompiler))('refuses %s', (file) => {
    expect(failed).toBe(true)
    expect(refused).toContain(file)
  })

  test.each(Object.keys(allowed))('takes %s', (file) => {
    expect(refused).not.toContain(file)
  })
})
