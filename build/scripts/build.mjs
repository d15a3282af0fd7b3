// Brings dist/ up to date with the sources and does nothing when it is. "Up to date" is a hash over the contents of all
// inputs, kept in dist/.built with the names and sizes of what was made: no clock is trusted, and a deleted or truncated
// output counts as stale. A build goes to a folder of its own and is renamed into place file by file, stamp last, so a
// program that starts in the middle finds whole files.

import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensureInstalled } from './ensure-installed.mjs'
import { alone, fail, inProject, isAlive, isMain, runNode, say } from './project.mjs'

const stampFile = inProject('dist', '.built')
const inputs = [
  'shared',
  'electron',
  'renderer',
  'build',
  'LICENSE',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
]
/** With the folder in dist/ that each one fills. */
const configurations = [
  ['build/vite.cli.config.ts', '.'],
  ['build/vite.renderer.config.ts', 'renderer'],
]

/** Files under a folder, as paths from it with forward slashes, sorted. */
function filesUnder(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  const base = folder.length + 1
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(base).replaceAll('\\', '/'))
    .toSorted()
}

function hashOfInputs() {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0])
  for (const input of inputs) {
    const names = statSync(inProject(input)).isDirectory() ? filesUnder(inProject(input)) : ['']
    for (const name of names) {
      const bytes = readFileSync(inProject(input, name))
      hash.update(`\0${input}/${name}\0${bytes.length}\0`).update(bytes)
    }
  }
  return hash.digest('hex')
}

/** What the stamp says; nothing where there is none. */
function lastBuild() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'))
  } catch {
    return { sources: null, outputs: {} }
  }
}

function isCurrent(sources) {
  try {
    const built = lastBuild()
    return (
      built.sources === sources &&
      Object.entries(built.outputs).every(([name, size]) => statSync(inProject('dist', name)).size === size)
    )
  } catch {
    return false
  }
}

async function build() {
  // Taken before the build: a source that changes meanwhile makes the next run build again.
  const sources = hashOfInputs()
  if (isCurrent(sources)) return
  const started = Date.now()
  const next = inProject('dist', `.next-${process.pid}`)
  removeAbandoned()
  for (const [configuration, folder] of configurations) {
    const outDir = join(next, folder)
    const args = ['build', '--app', '--config', inProject(configuration), '--outDir', outDir, '--logLevel', 'warn']
    const status = await runNode('node_modules/vite/bin/vite.js', args, { stdio: ['ignore', 2, 2] })
    if (status === 0) continue
    rmSync(next, { recursive: true, force: true })
    fail(`the build of ${configuration} failed`)
  }
  const outputs = {}
  for (const name of filesUnder(next)) {
    outputs[name] = statSync(join(next, name)).size
    mkdirSync(dirname(inProject('dist', name)), { recursive: true })
    renameSync(join(next, name), inProject('dist', name))
  }
  // Names with a hash in them: without this, every page there ever was would stay.
  for (const name of Object.keys(lastBuild().outputs)) {
    if (!Object.hasOwn(outputs, name)) rmSync(inProject('dist', name), { force: true })
  }
  writeFileSync(join(next, '.built'), JSON.stringify({ sources, outputs }, null, 2))
  renameSync(join(next, '.built'), stampFile)
  rmSync(next, { recursive: true, force: true })
  say(`built dist/ in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

/** Folders of builds that were killed. */
function removeAbandoned() {
  for (const name of readdirSync(inProject('dist'))) {
    const pid = /^\.next-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(inProject('dist', name), { recursive: true, force: true })
  }
}

/** Installed and built. */
export async function ensureBuilt() {
  await ensureInstalled()
  if (isCurrent(hashOfInputs())) return
  await alone('build', build)
}

if (isMain(import.meta.url)) await ensureBuilt()
