// The version line each side of a venti connection sends first: venti-04:02-comment\n. Authority: libventi version.c as
// measured in venti-protocol.md §1.1. libventi takes the first version of the *peer's* list that it knows, so two lists
// in different order end in two different versions. Our client therefore reads first and then names exactly one.
// The reader takes any split of the stream, holds at most 1023 bytes and gives back what came after the newline.

import { AppError } from '../../../../shared/errors.ts'
import { assert } from '../../../../shared/assert.ts'

export type ProtocolVersion = '02' | '04'

/** Longest line a libventi peer accepts, newline included. */
export const maxVersionLineBytes = 1023

const prefix = 'venti-'
const newline = 0x0a

export interface VersionLine {
  /** The line without its newline. */
  readonly text: string
  /** The versions listed before the comment. */
  readonly offered: readonly string[]
  /** Everything libventi would take for a version: it scans the comment too. */
  readonly tokens: readonly string[]
}

export function encodeVersionLine(versions: readonly ProtocolVersion[], comment = 'ventimirror'): Uint8Array {
  const text = `${prefix}${versions.join(':')}-${comment}\n`
  assert(versions.length > 0 && text.length <= maxVersionLineBytes, `version line of ${text.length} bytes`)
  assert(/^[ -~]*$/.test(comment), 'version comment must be printable ASCII')
  return new TextEncoder().encode(text)
}

/** What a client answers with: the newest version both know, or null. */
export function chooseVersion(line: VersionLine): ProtocolVersion | null {
  if (line.offered.includes('04')) return '04'
  if (line.offered.includes('02')) return '02'
  // A libventi server with such a line speaks whatever it finds first, also in the comment.
  return acceptVersion(line, ['04', '02'])
}

/** What a server ends up with: the first version of the client's line that the server offered, or null. */
export function acceptVersion(line: VersionLine, offered: readonly ProtocolVersion[]): ProtocolVersion | null {
  for (const token of line.tokens) {
    for (const version of offered) {
      if (token === version) return version
    }
  }
  return null
}

export class VersionLineReader {
  #line = new Uint8Array(maxVersionLineBytes - 1)
  #length = 0

  /** Too little yet: undefined. Otherwise the line, and a view of what follows it. */
  push(chunk: Uint8Array): { readonly line: VersionLine; readonly rest: Uint8Array } | undefined {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!
      if (byte === newline) return { line: decodeLine(this.#text()), rest: chunk.subarray(i + 1) }
      if (byte < 0x20 || byte > 0x7f) {
        const hex = byte.toString(16).padStart(2, '0')
        throw greetingError(this.#text(), `byte 0x${hex} at position ${this.#length}`)
      }
      if (this.#length === this.#line.length) {
        throw greetingError(this.#text(), `no newline within ${maxVersionLineBytes} bytes`)
      }
      this.#line[this.#length++] = byte
    }
    return undefined
  }

  #text(): string {
    return String.fromCharCode(...this.#line.subarray(0, this.#length))
  }
}

function decodeLine(text: string): VersionLine {
  if (!text.startsWith(prefix)) throw greetingError(text, `it must begin with "${prefix}"`)
  const rest = text.slice(prefix.length)
  const listEnd = rest.indexOf('-')
  return {
    text,
    offered: (listEnd < 0 ? rest : rest.slice(0, listEnd)).split(':'),
    tokens: rest.split(/[:-]/),
  }
}

/** Most often something else listens on that port, so the message shows how it greeted. */
function greetingError(text: string, problem: string): AppError {
  const start = text.slice(0, 60).replaceAll('\x7f', '?')
  const shown = text.length > 60 ? `"${start}…"` : `"${start}"`
  return new AppError('handshake', `the greeting ${shown} is not a venti version line (${problem})`)
}
