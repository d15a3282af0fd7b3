// Which names of an archive may become names in a folder. A stored name is data: whatever it says, it must end up as one
// entry of the folder it is in. The rules of Windows are in its "Naming Files, Paths, and Namespaces"; they are asked for
// by platform, so that they can be checked anywhere.

export type FileNameRules = 'posix' | 'win32'

export const rulesHere: FileNameRules = process.platform === 'win32' ? 'win32' : 'posix'

const maxNameUnits = 255
/** Devices of Windows in every folder, also with an extension and blanks before it; the raised digits count as digits. */
const windowsDevice = /^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9\u00b9\u00b2\u00b3]) *(\.|:|$)/i
const windowsForbidden = /[<>:"/\\|?*]/

/** Why this name cannot be restored, in words that end "the name …"; null: it can. */
export function fileNameProblem(name: string, rules: FileNameRules = rulesHere): string | null {
  if (name === '') return 'is empty'
  if (name === '.' || name === '..') return `is ${name}, which is another folder`
  if (name.includes('/')) return 'has a / in it'
  if (name.includes('\0')) return 'has a NUL in it'
  if (name.length > maxNameUnits) return 'is longer than any system takes'
  if (isUnfinishedName(name)) return 'is one this program gives to unfinished files'
  return rules === 'win32' ? windowsProblem(name) : null
}

function windowsProblem(name: string): string | null {
  const forbidden = windowsForbidden.exec(name)
  if (forbidden !== null) return `has a ${forbidden[0]} in it, which Windows cannot hold`
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[\u0000-\u001f]/.test(name)) return 'has a control character in it, which Windows cannot hold'
  if (/[. ]$/.test(name)) return 'ends with a dot or a blank, which Windows drops'
  if (windowsDevice.test(name)) return 'is that of a device of Windows'
  return null
}

/** What stands in a folder until a file is complete. `owner` is the number of the process, `random` 16 hex digits. */
export function unfinishedName(owner: number, random: string): string {
  return `.venti-mirror-${owner}-${random}.part`
}

/** Also in other letters: on some systems that is the same file. */
export function isUnfinishedName(name: string): boolean {
  return unfinishedOwner(name) !== null
}

export function unfinishedOwner(name: string): number | null {
  const match = /^\.venti-mirror-(\d{1,10})-[0-9a-f]{16}\.part$/i.exec(name)
  return match === null ? null : Number(match[1])
}

/** How a folder compares names. Where it ignores case it usually ignores how accents are composed as well. */
export type NameComparison = 'exact' | 'ignores-case'

/** Two names with the same key are the same file there. */
export function nameKey(name: string, comparison: NameComparison): string {
  if (comparison === 'exact') return name
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC')
}
