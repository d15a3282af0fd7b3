// What the window says to do about a disk that the system refuses. It cannot be run with more rights than its user has, and
// must not: the right to one disk is given, or the command line does that one thing.

import { problemOfRefusal, wholeMacDisk } from '../engine/disk/refused-disk.ts'
import { isDenied, type DiskRefusal } from '../engine/source/disk-refusal.ts'
import { shellWord } from './commands.ts'

const fullDiskAccess =
  'in System Settings, Privacy & Security, Full Disk Access, switch on Venti Mirror (or the terminal it was started from), and start it again'
const untilAnew = 'until it is plugged in anew or the computer restarts'

function onLinux({ path, access, group }: DiskRefusal): string {
  const right = access === 'write' ? 'rw' : 'r'
  const more = access === 'write' ? '' : '; with rw in place of r where a 9fat on it is to be written'
  const join =
    group === null
      ? ''
      : ` For good, but for every disk of that group: sudo usermod -aG ${shellWord(group)} "$USER", and log in again.`
  return `Let this user ${access} just this one, in a terminal: sudo setfacl -m u:"$USER":${right} ${shellWord(path)} (${untilAnew}${more}).${join} Then try again here.`
}

function onMac(refusal: DiskRefusal): string {
  const { path, code } = refusal
  if (code === 'EPERM') return `Let it: ${fullDiskAccess}.`
  if (code === 'EBUSY')
    return `Unmount it, in a terminal: diskutil unmountDisk ${shellWord(wholeMacDisk(path))}. Then try again here.`
  return `Make this disk this user's, in a terminal: sudo chown "$USER" ${shellWord(path)} (${untilAnew}). Then try again here. If it is refused even so, ${fullDiskAccess}.`
}

/** As in cmd and PowerShell: no path of a device has a quote in it. */
const windowsWord = (path: string): string => (/^[\w.:\\/?{}#&-]+$/.test(path) ? path : `"${path.replaceAll('"', '')}"`)

function onWindows({ path, access }: DiskRefusal): string {
  const how =
    access === 'write'
      ? 'Give the line that is shown beside this action in a terminal that is run as administrator, and look again here'
      : `In a terminal that is run as administrator, venti-mirror sync ${windowsWord(path)} --to SERVER does the copying, and what came of it shows here`
  return `Venti Mirror does not ask to be an administrator. ${how}; or make an image file of the disk, and choose that.`
}

export function refusedDisk(refusal: DiskRefusal): { readonly problem: string; readonly advice: string } {
  const { platform, code } = refusal
  return { problem: problemOfRefusal(refusal).replace('this program', 'Venti Mirror'), advice: advice() }

  function advice(): string {
    if (platform === 'win32') {
      return isDenied(refusal) ? onWindows(refusal) : 'Close the program that uses it, then try again here.'
    }
    if (platform === 'darwin' && (isDenied(refusal) || code === 'EBUSY')) return onMac(refusal)
    if (isDenied(refusal)) return onLinux(refusal)
    if (code === 'ENOENT') return 'In a container, pass it in (docker: --device); otherwise see whether udev runs.'
    if (code === 'ENOMEDIUM') return 'Put one in, then look again.'
    return 'See the system log for what it says about this disk.'
  }
}
