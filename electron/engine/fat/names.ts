// Short and long file names of a FAT directory. Authority: plan9-disks.md 3.2 and 3.3, dossrv getname and searchdir: a name
// matches without regard to case, against the long name (when its checksum is valid) or the short one.

import { AppError } from '../../../shared/errors.ts'
import { latin1 } from './boot-sector.ts'

export const shortNameBytes = 8 + 3
/** Stands for E5 at the start of a name, because E5 there means a free entry. */
const e5Stand = 0x05
const blank = 0x20
const legal = "[A-Za-z0-9`$%'\\-_@~!(){}^#&]"
const legalName = new RegExp(`^${legal}{1,8}(\\.${legal}{1,3})?$`)

function untilBlank(field: Uint8Array): string {
  const end = field.findIndex((byte) => byte === blank || byte === 0)
  return latin1(end < 0 ? field : field.subarray(0, end))
}

/** As people know it: "WRCMD", "PLAN9.INI". One character per byte, whatever code page it was written in. */
export function decodeShortName(field: Uint8Array): string {
  const bytes = new Uint8Array(field.subarray(0, shortNameBytes))
  if (bytes[0] === e5Stand) bytes[0] = 0xe5
  const base = untilBlank(bytes.subarray(0, 8))
  const extension = untilBlank(bytes.subarray(8))
  return extension === '' ? base : `${base}.${extension}`
}

/** The 11 bytes of a name this program writes: 8.3, plain ASCII, in upper case. Rejects with `usage`. */
export function encodeShortName(name: string): Uint8Array {
  if (!legalName.test(name)) {
    throw new AppError('usage', `file name "${name}" on a 9fat: expected 8.3, letters, digits and $%'-_@~\`!(){}^#&`)
  }
  const [base, extension = ''] = name.toUpperCase().split('.') as [string, string?]
  const text = base.padEnd(8) + extension.padEnd(3)
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** Ties long-name entries to the short entry behind them. */
export function shortNameChecksum(field: Uint8Array): number {
  let sum = 0
  for (const byte of field.subarray(0, shortNameBytes)) sum = ((((sum & 1) << 7) | (sum >>> 1)) + byte) & 0xff
  return sum
}

export function sameName(a: string, b: string): boolean {
  return a.toUpperCase() === b.toUpperCase()
}
