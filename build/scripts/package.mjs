// npm run package -- [--linux|--mac|--win] [KIND …] [--x64|--arm64] [--dir] [--feed URL] [--electron-dist FOLDER]
// [--output FOLDER]: builds, lets electron-builder make the packages of this platform or the named one (all kinds, or those
// named: "deb rpm") into release/, and writes SHA256SUMS.

import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { ensureBuilt } from './build.mjs'
import { fail, inProject, isMain, runNode, say } from './project.mjs'

const platforms = { linux: 'linux', darwin: 'mac', win32: 'win' }
const artifact = /\.(AppImage|deb|rpm|dmg|exe|zip)$/

const usage =
  'npm run package -- [--linux|--mac|--win] [KIND …] [--x64|--arm64] [--dir] [--feed URL] [--electron-dist FOLDER]'

/** As the application will read it (electron/app/habits/update-feed.ts). */
function isFeed(text) {
  if (!/^https:\/\/\S+$/.test(text) || !URL.canParse(text)) return false
  const { username, password, search, hash } = new URL(text)
  return `${username}${password}${search}${hash}` === ''
}

export function builderArguments(argv, platform = process.platform) {
  /** @type {{ type: 'boolean', default: boolean }} */
  const flag = { type: 'boolean', default: false }
  /** @type {{ type: 'string' }} */
  const text = { type: 'string' }
  const { values, positionals: kinds } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      linux: flag,
      mac: flag,
      win: flag,
      x64: flag,
      arm64: flag,
      dir: flag,
      feed: text,
      'electron-dist': text,
      output: text,
    },
  })
  const named = ['linux', 'mac', 'win'].filter((one) => values[one])
  const wanted = named.length > 0 ? named : [platforms[platform] ?? fail(`no packages are made on ${platform}`)]
  if (kinds.length > 0 && wanted.length > 1) throw new Error(`${kinds.join(', ')}: of which platform?`)
  if (kinds.length > 0 && values.dir) throw new Error(`--dir makes no package, so no ${kinds.join(', ')}`)
  const { feed, output } = values
  if (feed !== undefined && !isFeed(feed)) {
    throw new Error(`--feed wants the https address of a folder, without a password or a query, not ${feed}`)
  }
  const folder = output === undefined ? null : resolve(output)
  return {
    folder: folder ?? inProject('release'),
    isFolderOnly: values.dir,
    args: [
      ...wanted.map((one) => `--${one}`),
      ...kinds,
      ...['x64', 'arm64', 'dir'].filter((one) => values[one]).map((one) => `--${one}`),
      '--config',
      inProject('build', 'electron-builder.yml'),
      '--publish',
      'never',
      ...(feed === undefined
        ? []
        : ['-c.publish.provider=generic', `-c.publish.url=${feed}`, `-c.extraMetadata.updateFeed=${feed}`]),
      ...(values['electron-dist'] === undefined ? [] : [`-c.electronDist=${resolve(values['electron-dist'])}`]),
      ...(folder === null ? [] : [`-c.directories.output=${folder}`]),
    ],
  }
}

async function sha256(path) {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function writeSums(folder) {
  const names = readdirSync(folder)
    .filter((name) => artifact.test(name))
    .toSorted()
  if (names.length === 0) return
  const lines = []
  for (const name of names) lines.push(`${await sha256(join(folder, name))}  ${name}`)
  writeFileSync(join(folder, 'SHA256SUMS'), `${lines.join('\n')}\n`)
  say(`${names.length} packages and SHA256SUMS are in ${folder}`)
}

async function main() {
  let asked
  try {
    asked = builderArguments(process.argv.slice(2))
  } catch (error) {
    fail(`${error.message}\n${usage}`, 2)
  }
  await ensureBuilt()
  const status = await runNode('node_modules/electron-builder/cli.js', asked.args)
  if (status !== 0) {
    fail(
      'No package was made. electron-builder fetches Electron and the tools of each kind of package from GitHub when it ' +
        'does not have them; without that, --electron-dist FOLDER names an unpacked Electron, and --dir makes the program ' +
        'without an installer. A kind that lacks its tool stops all: name the others (--linux AppImage deb).',
      status,
    )
  }
  if (asked.isFolderOnly) say(`the program is in ${asked.folder}`)
  else await writeSums(asked.folder)
}

if (isMain(import.meta.url)) await main()
