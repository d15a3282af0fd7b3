// The days of the sample: its partition as it is bundled for each, and which of them stands in the data folder. Told by the
// content, so that nothing can disagree with it after a crash: a day is the bundled image, byte for byte, or none.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

export const bundledDay = (day: number): string => `sample-day${day}.img.gz`

/** More than there ever will be: days are counted until one is missing. */
const maxDays = 31

export type SampleDay = { readonly day: number; readonly days: number }

async function digestOf(path: string, isPacked: boolean): Promise<string> {
  const hash = createHash('sha256')
  await (isPacked ? pipeline(createReadStream(path), createGunzip(), hash) : pipeline(createReadStream(path), hash))
  return hash.digest('hex')
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

export class SampleDays {
  readonly #sampleDir: string
  /** Digests of the bundled days, the first one's first. */
  #bundled: Promise<readonly string[]> | null = null
  /** The last look, by what the system says of the file. */
  #known: { readonly mark: string; readonly digest: string } | null = null

  constructor(sampleDir: string) {
    this.#sampleDir = sampleDir
  }

  /** Null when the file is no day of the bundle, or cannot be read. Never rejects. */
  async dayOf(arenas: string): Promise<SampleDay | null> {
    try {
      const { dev, ino, size, mtimeNs } = await stat(arenas, { bigint: true })
      const mark = [dev, ino, size, mtimeNs].join(' ')
      if (this.#known?.mark !== mark) this.#known = { mark, digest: await digestOf(arenas, false) }
      const digests = await this.#digests()
      const index = digests.indexOf(this.#known.digest)
      return index < 0 ? null : { day: index + 1, days: digests.length }
    } catch {
      return null
    }
  }

  async #digests(): Promise<readonly string[]> {
    this.#bundled ??= this.#readAll()
    try {
      return await this.#bundled
    } catch (error) {
      this.#bundled = null
      throw error
    }
  }

  async #readAll(): Promise<readonly string[]> {
    const digests: string[] = []
    for (let day = 1; day <= maxDays; day++) {
      const path = join(this.#sampleDir, bundledDay(day))
      if (!(await isThere(path))) break
      digests.push(await digestOf(path, true))
    }
    return digests
  }
}
