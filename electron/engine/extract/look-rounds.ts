// Looks at folders, in rounds: who asks during a round is answered by the next one, so what was seen before the question
// never answers it; and a folder that several ask about is looked at once. A round begins a little after the first question,
// because files are finished in bursts: every look costs more than the wait.

export interface Looked {
  /** Rejects when it is no longer what it was. */
  look(): Promise<void>
}

type Asked = { readonly folder: Looked; readonly resolve: () => void; readonly reject: (error: unknown) => void }

export class LookRounds {
  #asked: Asked[] = []
  #running = false

  /** Resolves when a look that began after this call found the folder as it was. */
  whole(folder: Looked): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ folder, resolve, reject })
      if (this.#running) return
      this.#running = true
      setImmediate(() => void this.#run())
    })
  }

  async #run(): Promise<void> {
    while (this.#asked.length > 0) {
      const round = this.#asked
      this.#asked = []
      const looks = new Map<Looked, Promise<void>>()
      for (const { folder, resolve, reject } of round) {
        const look = looks.get(folder) ?? folder.look()
        looks.set(folder, look)
        look.then(resolve, reject)
      }
      await Promise.allSettled(looks.values())
    }
    this.#running = false
  }
}
