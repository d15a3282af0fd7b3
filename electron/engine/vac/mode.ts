// Mode bits of a directory entry (vac-and-fossil.md 4.2), and the letters Plan 9 people know them by: those of plan9port's
// lib9/dirmodefmt.c.

export const modeBit = {
  sticky: 1 << 9,
  setUid: 1 << 10,
  setGid: 1 << 11,
  append: 1 << 12,
  exclusive: 1 << 13,
  link: 1 << 14,
  directory: 1 << 15,
  hidden: 1 << 16,
  system: 1 << 17,
  archive: 1 << 18,
  temporary: 1 << 19,
  snapshot: 1 << 20,
  device: 1 << 21,
  pipe: 1 << 22,
} as const

export function isDirectoryMode(mode: number): boolean {
  return (mode & modeBit.directory) !== 0
}

const triples = ['---', '--x', '-w-', '-wx', 'r--', 'r-x', 'rw-', 'rwx']

const words: readonly (readonly [number, string])[] = [
  [modeBit.sticky, 'sticky'],
  [modeBit.setUid, 'setuid'],
  [modeBit.setGid, 'setgid'],
  [modeBit.append, 'append-only'],
  [modeBit.exclusive, 'exclusive'],
  [modeBit.link, 'symbolic link'],
  [modeBit.directory, 'directory'],
  [modeBit.hidden, 'hidden'],
  [modeBit.system, 'system'],
  [modeBit.archive, 'archive'],
  [modeBit.temporary, 'temporary'],
  [modeBit.snapshot, 'snapshot'],
  [modeBit.device, 'device'],
  [modeBit.pipe, 'named pipe'],
]

/** Every bit above the permissions by name, in the order of the bits. */
export function modeWords(mode: number): readonly string[] {
  return words.filter(([bit]) => (mode & bit) !== 0).map(([, word]) => word)
}

function kindLetter(mode: number): string {
  if (isDirectoryMode(mode)) return 'd'
  if ((mode & modeBit.append) !== 0) return 'a'
  if ((mode & modeBit.device) !== 0) return 'D'
  return (mode & modeBit.pipe) === 0 ? '-' : 'P'
}

function secondLetter(mode: number): string {
  if ((mode & modeBit.exclusive) !== 0) return 'l'
  return (mode & modeBit.link) === 0 ? '-' : 'L'
}

/** Eleven letters as `ls -l` has them on Plan 9: d-rwxr-xr-x. */
export function modeLetters(mode: number): string {
  const permissions = [6, 3, 0].map((shift) => triples[(mode >>> shift) & 7] as string)
  return kindLetter(mode) + secondLetter(mode) + permissions.join('')
}
