// What the scripts share: where the project is, how to run another program, and one-at-a-time work. Nothing here may need
// more than Node 14 to load, because the check for a too old Node comes after it. Messages go to standard error: standard
// output belongs to the command that was asked for.

import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const inProject = (...parts) => join(root, ...parts)

export function say(message) {
  process.stderr.write(`${message}\n`)
}

/** Ends the script with a message; for things the person at the keyboard has to put right. */
export function fail(message, status = 1) {
  say(message)
  process.exit(status)
}

/** Whether this module is the script that was started. Real paths: a checkout may be reached through a link. */
export function isMain(moduleUrl) {
  return process.argv[1] !== undefined && fileURLToPath(moduleUrl) === realpathSync(process.argv[1])
}

/**
 * Runs a program to its end and gives its exit status, as a shell does for one that a signal ended. Signals sent to us are
 * passed on, except that a terminal gives Ctrl-C to the whole group by itself. `stdio` as in node:child_process.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options })
    const passOn = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, passOn)
    const forget = () => signals.forEach((signal) => process.off(signal, passOn))
    child.on('error', (error) => {
      forget()
      reject(error)
    })
    child.on('close', (status, signal) => {
      forget()
      resolve(status ?? 128 + constants.signals[signal])
    })
  })
}

/** A Node program from node_modules, by its file. */
export function runNode(file, args, options) {
  return run(process.execPath, [inProject(file), ...args], options)
}

export function runNpm(args, options) {
  // Under "npm run" this is the very npm that was called; otherwise the one on the path.
  const caller = process.env.npm_execpath
  if (caller !== undefined && basename(caller) === 'npm-cli.js')
    return run(process.execPath, [caller, ...args], options)
  return run('npm', args, { shell: process.platform === 'win32', ...options })
}

const staleAfterMs = 15 * 60_000

/**
 * Does `work` while no other process does work of that name. The lock saves double work and keeps two "npm ci" apart; if a
 * stale one is taken over twice in the same instant, builds are still safe, because every file is renamed into place.
 */
export async function alone(name, work) {
  mkdirSync(inProject('dist'), { recursive: true })
  const path = inProject('dist', `.${name}.lock`)
  for (let told = false; !take(path); told = true) {
    const holder = holderOf(path)
    if (holder === null) {
      rmSync(path, { force: true })
      continue
    }
    if (!told) say(`waiting for the ${name} of process ${holder}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const release = () => rmSync(path, { force: true })
  process.on('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** Who holds the lock: a process id (or "?", just being written), or null when nobody alive does. */
function holderOf(path) {
  try {
    const ageMs = Date.now() - statSync(path).mtimeMs
    const text = readFileSync(path, 'utf8')
    if (text === '') return ageMs > 5_000 ? null : '?'
    return ageMs > staleAfterMs || !isAlive(Number(text)) ? null : text
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
