// One line of ls, in columns that do not have to know the other lines.

import type { ListedFile } from '../../shared/model/listing.ts'

/** The name as it is: whoever prints the line escapes it. */
export function listedLine({ path, letters, uid, gid, size, mtime }: ListedFile, long: boolean): string {
  if (!long) return path
  return `${letters} ${uid.padEnd(8)} ${gid.padEnd(8)} ${String(size).padStart(11)} ${utcMinute(mtime)} ${path}`
}

/** 2019-03-14 08:00, in UTC. */
function utcMinute(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')
}
