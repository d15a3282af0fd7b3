// What the command line says of a disk that the system refuses: why, and exactly what to do. It may be run with sudo or as
// administrator; a window may not (service/refused-disk.ts).

import { isDenied, type DiskRefusal } from '../source/disk-refusal.ts'

export function problemOfRefusal({ platform, code, access }: DiskRefusal): string {
  const verb = access === 'write' ? 'write' : 'read'
  if (isDenied({ code })) {
    if (platform === 'win32') return `only an administrator may ${verb} raw disks`
    if (platform === 'darwin' && code === 'EPERM') return 'macOS keeps this program from raw disks'
    return `this user may not ${verb} it`
  }
  if (platform === 'darwin' && code === 'EBUSY') return 'a volume on it is in use'
  if (platform !== 'win32' && code === 'ENOENT') return 'there is no device file for it here'
  if (platform !== 'win32' && code === 'ENOMEDIUM') return 'there is no medium in it'
  return `it cannot be opened (${code})`
}

/** /dev/rdisk2 and /dev/rdisk2s1 are both on /dev/disk2. */
export const wholeMacDisk = (path: string): string => path.replace(/^\/dev\/r?(disk\d+).*$/, '/dev/$1')

export function adviceOnRefusal(refusal: DiskRefusal): string {
  const { platform, path, code, group } = refusal
  if (platform === 'win32') {
    return isDenied(refusal)
      ? 'Right-click the terminal in the Start menu, choose "Run as administrator", and run it again there.'
      : 'Close the program that uses it, then run it again.'
  }
  if (platform === 'darwin') {
    if (code === 'EPERM') {
      return 'In System Settings, Privacy & Security, Full Disk Access, switch on your terminal, open it anew, and run this with sudo.'
    }
    if (isDenied(refusal)) {
      return `Run it with sudo: sudo venti-mirror partitions ${path}. If that is refused too, give your terminal Full Disk Access.`
    }
    if (code === 'EBUSY') return `Unmount it: diskutil unmountDisk ${wholeMacDisk(path)}, then run it again.`
  }
  if (isDenied(refusal)) {
    return `Run it with sudo: sudo venti-mirror partitions ${path}; or join the group that owns it: sudo usermod -aG ${group ?? 'disk'} "$USER", and log in again.`
  }
  if (code === 'ENOENT') return 'In a container, pass it in (docker: --device); otherwise see whether udev runs.'
  if (code === 'ENOMEDIUM') return 'Put one in, then run it again.'
  return 'See the system log for what it says about this disk.'
}
