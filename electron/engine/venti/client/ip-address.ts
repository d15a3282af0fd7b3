// IP addresses as text, without a resolver. Short IPv4 forms such as 127.1 are common in Plan 9 configurations;
// plan9port's parseip.c fills them in by address class and inet_aton does not, so a form is expanded only where both
// mean the same address, and refused with the reason where they differ.

export type Expanded =
  { readonly address: string; readonly problem: null } | { readonly address: null; readonly problem: string }

/** True for text that people mean as an IPv4 address and never as a host name. */
export function looksNumeric(text: string): boolean {
  return /^[\d.]+$/.test(text)
}

export function expandIPv4(text: string): Expanded {
  const parts = text.split('.')
  if (parts.length === 1) return no('a single number looks like a port')
  if (parts.length > 4 || parts.includes('')) return no('four numbers are expected')
  // strtoul and inet_aton read a leading zero as octal, people do not.
  if (parts.some((part) => part.length > 1 && part.startsWith('0'))) return no('leading zeros are ambiguous')
  const bytes = parts.map(Number)
  if (bytes.some((byte) => byte > 255)) return no('a number is above 255')
  const first = bytes[0]!
  if (bytes.length === 4) return yes(bytes)
  if (bytes.length === 2 && first < 128) return yes([first, 0, 0, bytes[1]!])
  if (bytes.length === 3 && first >= 128 && first < 192) return yes([first, bytes[1]!, 0, bytes[2]!])
  return no('Plan 9 and Unix read this short form differently, write all four numbers')
}

function yes(bytes: readonly number[]): Expanded {
  return { address: bytes.join('.'), problem: null }
}

function no(problem: string): Expanded {
  return { address: null, problem }
}

/** RFC 4291 text, with an embedded IPv4 address and a zone such as %eth0 allowed. */
export function isIPv6(given: string): boolean {
  const [, text, zone] = /^([0-9a-f:.]+)(%[\w.-]+)?$/i.exec(given) ?? []
  if (text === undefined || (zone !== undefined && zone.length > 64)) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const all = groups.flat()
  let count = all.length
  const last = all.at(-1)
  if (last?.includes('.')) {
    // An embedded address ends the text, so it cannot be the half before the double colon.
    if (text.endsWith('::') || last.split('.').length !== 4 || expandIPv4(last).address === null) return false
    all.pop()
    count++
  }
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false
  return halves.length === 2 ? count <= 7 : count === 8
}
