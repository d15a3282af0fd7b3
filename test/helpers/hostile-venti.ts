// Plans for servers that break the protocol, as data that fast-check can print and shrink, and what plays each: real
// answers mutated on their way, plain noise, and well-formed frames with forged messages.

import fc from 'fast-check'
import { AppError } from '../../shared/errors.ts'
import { sha1 } from '../../electron/engine/hash/sha1.ts'
import { encodeFrame } from '../../electron/engine/venti/wire/frame.ts'
import { encodeReply } from '../../electron/engine/venti/wire/message.ts'
import { blockOf } from './client-calls.ts'
import type { FakeStore } from './fake-store.ts'
import { FakeSession } from './fake-venti-session.ts'
import type { MemoryPeer } from './memory-transport.ts'

export type Attack = (peer: MemoryPeer, store: FakeStore) => void

/** How the server goes on once it has sent what it wanted. */
const ending = fc.constantFrom('silent', 'close', 'reset')

function finish(peer: MemoryPeer, how: string): void {
  if (how === 'close') peer.close()
  if (how === 'reset') peer.close(new AppError('connection-lost', 'tcp!hostile!17034: connection lost: ECONNRESET'))
}

/** A real server whose messages are changed on their way: 0 is the version line, 1 Rhello, from 2 on replies. */
export const mutated = fc.record({
  at: fc.nat(11),
  also: fc.option(fc.nat(11)),
  operation: fc.constantFrom('flip', 'cut', 'insert', 'twice', 'drop', 'replace', 'end', 'swap', 'length', 'trickle'),
  position: fc.nat(60),
  mask: fc.integer({ min: 1, max: 255 }),
  junk: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  how: ending,
  versions: fc.constantFrom(['04', '02'] as const, ['02'] as const),
})

export type Mutation = typeof mutated extends fc.Arbitrary<infer T> ? T : never

export function mutate(plan: Mutation): Attack {
  return (peer, store) => {
    store.behaviour.versions = plan.versions
    let index = -1
    let kept: Uint8Array | null = null
    const pass = (original: Uint8Array): void => {
      index++
      if (index !== plan.at && index !== plan.also) {
        peer.send(original)
        if (kept !== null) peer.send(kept)
        kept = null
        return
      }
      const bytes = new Uint8Array(original)
      const position = plan.position % bytes.length
      switch (plan.operation) {
        case 'flip':
          bytes[position]! ^= plan.mask
          return peer.send(bytes)
        case 'cut':
          peer.send(bytes.subarray(0, position))
          return finish(peer, plan.how)
        case 'insert':
          return peer.send(Uint8Array.of(...bytes.subarray(0, position), ...plan.junk, ...bytes.subarray(position)))
        case 'twice':
          peer.send(bytes)
          return peer.send(new Uint8Array(original))
        case 'drop':
          return
        case 'replace':
          return peer.send(plan.junk)
        case 'end':
          return finish(peer, plan.how)
        case 'swap':
          kept = bytes
          return
        case 'length':
          bytes.set(plan.junk.subarray(0, 4).subarray(0, bytes.length))
          return peer.send(bytes)
        case 'trickle':
          for (let i = 0; i < bytes.length; i++) peer.send(bytes.subarray(i, i + 1))
      }
    }
    const session = new FakeSession(store, { send: pass, end: () => peer.close(), reset: () => peer.close() })
    peer.onBytes = (bytes) => session.receive(bytes)
    peer.onEnd = () => peer.close()
  }
}

const greeting = fc.constantFrom('venti-04:02-x\n', 'venti-02-x\n', 'venti-04', 'venti-', '')
const anyBytes = fc.uint8Array({ maxLength: 3000 })
const chunks = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 })

/** No server at all: bytes, perhaps behind a good greeting and a good Rhello. */
export const random = fc.record({
  line: greeting,
  hello: fc.boolean(),
  bytes: fc.oneof(
    anyBytes.map((all) => [all]),
    chunks,
  ),
  how: ending,
})

export type Noise = typeof random extends fc.Arbitrary<infer T> ? T : never

export function makeNoise({ line, hello, bytes, how }: Noise): Attack {
  return (peer) => {
    peer.send(new TextEncoder().encode(line))
    const rhello = encodeReply({ kind: 'hello', tag: 0, serverId: 'x', crypto: 0, codec: 0 })
    let turns = 0
    // Once per flush of the client: after the hello, then after its requests.
    peer.onBytes = () => {
      turns++
      if (turns === 1 && hello) peer.send(encodeFrame(line.startsWith('venti-02') ? '02' : '04', rhello))
      if (turns === 2 || !hello) {
        for (const chunk of bytes) peer.send(chunk)
        finish(peer, how)
      }
    }
    if (!line.endsWith('\n')) {
      for (const chunk of bytes) peer.send(chunk)
      finish(peer, how)
    }
  }
}

/** Well-formed frames with arbitrary messages, most of them nearly what was asked for. */
export const forged = fc.record({
  version: fc.constantFrom('02' as const, '04' as const),
  how: ending,
  frames: fc.array(
    fc.record({
      code: fc.oneof(fc.constantFrom(1, 3, 5, 13, 15, 17), fc.nat(255)),
      tag: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.nat(255)),
      rest: fc.oneof(
        fc.uint8Array({ maxLength: 64 }),
        fc.constant(sha1(blockOf(1))).map((score) => new Uint8Array(Buffer.from(score, 'hex'))),
        fc
          .constantFrom(
            'read too small 1: asked for 0 need at least 300',
            'no block with score',
            'read only',
            '\u001b[2J',
            '',
          )
          .map((text) => Uint8Array.of(0, Buffer.byteLength(text), ...Buffer.from(text))),
      ),
    }),
    { maxLength: 12 },
  ),
})

export type Forgery = typeof forged extends fc.Arbitrary<infer T> ? T : never

export function forge({ version, frames, how }: Forgery): Attack {
  return (peer) => {
    peer.send(new TextEncoder().encode(`venti-${version}-x\n`))
    let turns = 0
    peer.onBytes = () => {
      turns++
      if (turns === 1) {
        peer.send(
          encodeFrame(version, encodeReply({ kind: 'hello', tag: 0, serverId: '\u001bx', crypto: 9, codec: 9 })),
        )
      }
      if (turns !== 2) return
      for (const { code, tag, rest } of frames) peer.send(encodeFrame(version, Uint8Array.of(code, tag, ...rest)))
      finish(peer, how)
    }
  }
}
