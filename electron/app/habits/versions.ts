// Versions as semver.org writes and orders them, and the one that electron-builder's latest*.yml names. Text from the net is
// looked at here, so that nothing but a version comes further: letters, digits, dots, plus and minus, 64 of them at most.

const longest = 64
const identifier = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)'
const pattern = new RegExp(
  `^((?:0|[1-9]\\d*)(?:\\.(?:0|[1-9]\\d*)){2})(?:-(${identifier}(?:\\.${identifier})*))?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$`,
)

type Parts = { readonly numbers: readonly string[]; readonly before: readonly string[] }

function partsOf(version: string): Parts | null {
  const found = version.length > longest ? null : pattern.exec(version)
  if (found === null) return null
  const [, numbers = '', before] = found
  return { numbers: numbers.split('.'), before: before === undefined ? [] : before.split('.') }
}

const isVersion = (text: string): boolean => partsOf(text) !== null

const isNumber = (text: string): boolean => /^\d+$/.test(text)
const order = (one: string | number, other: string | number): number => (one < other ? -1 : one > other ? 1 : 0)

/** Numbers have no leading zeros: the longer one is larger, and none is too large to be compared. */
const compareNumbers = (one: string, other: string): number => order(one.length, other.length) || order(one, other)

function compareIdentifiers(one: string, other: string): number {
  if (isNumber(one) && isNumber(other)) return compareNumbers(one, other)
  if (isNumber(one) !== isNumber(other)) return isNumber(one) ? -1 : 1
  return order(one, other)
}

function compareLists(
  one: readonly string[],
  other: readonly string[],
  compare: (left: string, right: string) => number,
): number {
  for (const [index, left] of one.entries()) {
    const right = other[index]
    if (right === undefined) return 1
    const result = compare(left, right)
    if (result !== 0) return result
  }
  return one.length - other.length
}

/** Whether `version` comes after `than`; what is no version comes after nothing. */
export function isNewer(version: string, than: string): boolean {
  const [one, other] = [partsOf(version), partsOf(than)]
  if (one === null || other === null) return false
  const numbers = compareLists(one.numbers, other.numbers, compareNumbers)
  if (numbers !== 0) return numbers > 0
  // 1.0.0 comes after 1.0.0-beta.
  if (one.before.length === 0 || other.before.length === 0) return other.before.length > one.before.length
  return compareLists(one.before, other.before, compareIdentifiers) > 0
}

/** Of the text of a latest*.yml; null: it does not name one, or two. */
export function versionIn(text: string): string | null {
  const lines = text.split(/\r?\n/).filter((line) => line.startsWith('version:'))
  const [line = ''] = lines
  const named = /^version: +(['"]?)([^\s'"]+)\1 *$/.exec(line)?.[2]
  return lines.length === 1 && named !== undefined && isVersion(named) ? named : null
}
