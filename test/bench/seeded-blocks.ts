// What measured blocks are made of: the same bytes from the same seed on every machine, part of them compressible.

export type Random = () => number

/** xorshift32: fast and the same everywhere. */
export function seeded(seed: number): Random {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

const words = Array.from({ length: 512 }, (_, index) => `${(index * 2654435761) % 99991}`.padStart(3, 'venti'))

/** `block` begins at a multiple of four bytes of its buffer, which goes on to the next one behind it. */
export function fillBlock(block: Uint8Array, random: Random, compressible: boolean): void {
  if (!compressible) {
    const view = new Uint32Array(block.buffer, block.byteOffset, (block.length + 3) >> 2)
    for (let i = 0; i < view.length; i++) view[i] = random()
    return
  }
  for (let at = 0; at < block.length;) {
    const word = words[random() % words.length] as string
    for (let i = 0; i < word.length && at < block.length; i++) block[at++] = word.charCodeAt(i)
    if (at < block.length) block[at++] = 32
  }
}
