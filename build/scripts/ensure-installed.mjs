// Makes node_modules what package-lock.json says, and does nothing (in a few milliseconds, without network) when it already
// is. A stamp inside node_modules remembers the lock file's hash. Without a stamp, npm's own record of what it installed is
// compared with the lock, so that an "npm ci" by hand is not repeated.

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { alone, fail, inProject, isMain, runNpm, say } from './project.mjs'

const stampFile = inProject('node_modules', '.venti-mirror-installed')

function checkNode() {
  const wanted = JSON.parse(readFileSync(inProject('package.json'), 'utf8')).engines.node
  const [, major, minor] = /^>=(\d+)\.(\d+)/.exec(wanted).map(Number)
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number)
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return
  fail(
    `Venti Mirror needs Node ${major}.${minor} or later; this is Node ${process.versions.node} (${process.execPath}). ` +
      'A newer one is at https://nodejs.org/, or use your version manager.',
  )
}

/** Compiled parts differ between platforms, so a folder carried to another machine does not count as installed. */
function expectedStamp() {
  const hash = createHash('sha256')
    .update(readFileSync(inProject('package-lock.json')))
    .digest('hex')
  return `${hash} ${process.platform} ${process.arch}\n`
}

function stampMatches() {
  try {
    return readFileSync(stampFile, 'utf8') === expectedStamp()
  } catch {
    return false
  }
}

/** True when npm finished an installation of exactly the locked packages (it writes its record last). */
function npmRecordMatches() {
  try {
    const locked = JSON.parse(readFileSync(inProject('package-lock.json'), 'utf8')).packages
    const installed = JSON.parse(readFileSync(inProject('node_modules', '.package-lock.json'), 'utf8')).packages
    const same = (path) => {
      const [want, have] = [locked[path], installed[path]]
      // npm leaves out what is for other platforms, and what only those need.
      if (have === undefined) return want.optional === true && !(isForSomePlatforms(want) && suitsThisOne(want))
      return want?.version === have.version && want.integrity === have.integrity && suitsThisOne(have)
    }
    return Object.keys({ ...locked, ...installed }).every((path) => path === '' || same(path))
  } catch {
    return false
  }
}

const isForSomePlatforms = ({ os, cpu, libc }) => [os, cpu, libc].some((list) => list !== undefined)

function suitsThisOne({ os, cpu, libc }) {
  const allows = (list, value) => list === undefined || list.includes(value) || list.includes('any')
  if (!allows(os, process.platform) || !allows(cpu, process.arch)) return false
  return process.platform !== 'linux' || libc === undefined || allows(libc, libcFamily())
}

function libcFamily() {
  process.report.excludeNetwork = true
  return process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'
}

export async function ensureInstalled() {
  checkNode()
  if (stampMatches()) return
  await alone('install', async () => {
    if (stampMatches()) return
    if (!npmRecordMatches()) {
      say('Installing the packages named in package-lock.json (once; about 20 s) ...')
      // npm's report must not mix with the output of the command; "include" because NODE_ENV=production leaves tools out.
      const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
      const status = await runNpm(args, { stdio: ['ignore', 2, 2] }).catch((error) => {
        fail(`npm could not be started: ${error.message}. It comes with Node.`)
      })
      if (status !== 0)
        fail(`"npm ci" ended with status ${status}, so nothing can run yet. Is the package registry reachable?`)
    }
    writeFileSync(stampFile, expectedStamp())
  })
}

if (isMain(import.meta.url)) await ensureInstalled()
