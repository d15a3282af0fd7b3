// The status pages of a venti server, as far as they tell what it has written: /xindex (XML, every arena) and /index (text,
// arenas that hold something). Authority: plan9port srv/xml.c and srv/httpd.c; venti-arenas.md 9. Pure, and tolerant:
// what is not understood is left out, never guessed.

export type WrittenArena = {
  readonly name: string
  /** Address of clump offset 0 in its partition (head block and one block). */
  readonly dataBase: number
  /** Clumps written, on disk or not. */
  readonly clumps: number
}

/** Arenas taken from a page; a partition table has fewer lines (R9). */
const maxArenas = 65_536
const maxNameLength = 64

function arenaOf(name: string | undefined, base: string | undefined, clumps: string | undefined): WrittenArena | null {
  if (name === undefined || name === '' || name.length > maxNameLength) return null
  const numbers = [base, clumps].map((text) => (text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : NaN))
  const [dataBase, count] = numbers as [number, number]
  return Number.isSafeInteger(dataBase) && Number.isSafeInteger(count) ? { name, dataBase, clumps: count } : null
}

function attribute(element: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]{0,80})"`).exec(element)?.[1]
}

/** Null when the text is no such page. */
export function parseXindex(text: string): readonly WrittenArena[] | null {
  if (!/^\s*(<\?xml[^>]{0,200}>\s*)?<index[\s>]/.test(text)) return null
  const found: WrittenArena[] = []
  for (const [element] of text.matchAll(/<arena\s[^<>]{0,1000}>/g)) {
    const arena = arenaOf(attribute(element, 'name'), attribute(element, 'start'), attribute(element, 'clumps'))
    if (arena !== null) found.push(arena)
    if (found.length >= maxArenas) break
  }
  return found
}

/** Null when the text is no such page. */
export function parseIndex(text: string): readonly WrittenArena[] | null {
  if (!/^\s*index=/.test(text)) return null
  const found: WrittenArena[] = []
  let place: { readonly name: string; readonly base: string } | null = null
  for (const line of text.split('\n')) {
    const at = /^\s+arena='([^']{1,64})' on .{0,1000} at \[(\d{1,16}),\d{1,16}\)\s*$/.exec(line)
    if (at !== null) {
      place = { name: at[1] as string, base: at[2] as string }
      continue
    }
    // Some counts of this page carry separators; this one does not, but who knows.
    const written = /^\s+written: clumps=([\d,]{1,20})\s/.exec(line)
    if (written === null || place === null) continue
    const arena = arenaOf(place.name, place.base, (written[1] as string).replaceAll(',', ''))
    place = null
    if (arena !== null) found.push(arena)
    if (found.length >= maxArenas) break
  }
  return found
}
