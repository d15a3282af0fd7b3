// Looks at folders and at those above them, in rounds: who asks during a round is answered by the next one, so what was seen
// before the question never answers it; and folders that several ask about are looked at once, all at the same time.

export interface Looked {
  readonly above: Looked | null
  /** Rejects when it is no longer what it was. */
  look(): Promise<void>
}

type Asked = { readonly folder: Looked; readonly resolve: () => void; readonly reject: (error: unknown) => void }

export class LookRounds {
  #asked: Asked[] = []
  #running = false

  /** Resolves when a look that began after this call found the folder and all above it as they were. */
  whole(folder: Looked): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ folder, resolve, reject })
      if (!this.#running) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#asked.length > 0) {
      const round = this.#asked
      this.#asked = []
      const looks = new Map<Looked, Promise<unknown>>()
      for (const { folder } of round) {
        for (let at: Looked | null = folder; at !== null && !looks.has(at); at = at.above) {
          looks.set(
            at,
            at.look().then(
              () => null,
              (error: unknown) => error,
            ),
          )
        }
      }
      for (const { folder, resolve, reject } of round) {
        let failure: unknown = null
        for (let at: Looked | null = folder; at !== null; at = at.above) failure ??= await looks.get(at)
        if (failure === null) resolve()
        else reject(failure)
      }
    }
    this.#running = false
  }
}
