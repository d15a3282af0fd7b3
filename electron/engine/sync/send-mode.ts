// Ask first or send at once? A bulk copy to a target that may have the blocks already asks with a probe while most answers
// are yes; otherwise it sends. Pure: fed with outcomes, it says what to do with the next block.

export type SendMode = 'probe' | 'write'

export type ModePolicy =
  /** Never ask: the server does not answer probes as expected. */
  | 'write'
  /** Ask for every block: an audit. */
  | 'probe'
  /** A first copy: begin by asking, and follow the answers. */
  | 'ask-first'
  /** The daily increment: begin by sending, and follow the answers of samples. */
  | 'send-first'

/** Outcomes looked at, and how many of them decide. */
const windowSize = 64
const firstLook = 16
/** While writing, one block in this many is asked for: a target may lack the first blocks and have the rest. */
const sampleEvery = 64
const samplesToSwitch = 3

export class SendModeChooser {
  readonly #follows: boolean
  #mode: SendMode
  #asked = 0
  #found = 0
  #sinceSample = 0
  #sampleHits = 0

  constructor(policy: ModePolicy) {
    this.#follows = policy === 'ask-first' || policy === 'send-first'
    this.#mode = policy === 'write' || policy === 'send-first' ? 'write' : 'probe'
  }

  /** For the next block. */
  next(): SendMode {
    if (!this.#follows || this.#mode === 'probe') return this.#mode
    this.#sinceSample++
    if (this.#sinceSample < sampleEvery && this.#sampleHits === 0) return 'write'
    this.#sinceSample = 0
    return 'probe'
  }

  /** A probe was answered. */
  answered(found: boolean): void {
    if (!this.#follows) return
    if (this.#mode === 'write') {
      this.#sampleHits = found ? this.#sampleHits + 1 : 0
      if (this.#sampleHits < samplesToSwitch) return
      this.#mode = 'probe'
      this.#asked = 0
      this.#found = 0
      this.#sampleHits = 0
      return
    }
    this.#asked++
    if (found) this.#found++
    if (this.#asked >= firstLook && this.#found * 2 < this.#asked) {
      this.#mode = 'write'
      this.#sinceSample = 0
    }
    // An old majority must not outvote what comes now.
    if (this.#asked >= windowSize) {
      this.#asked = Math.floor(this.#asked / 2)
      this.#found = Math.floor(this.#found / 2)
    }
  }
}
