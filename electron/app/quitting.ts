// The end of the application: it asks while something runs, brings everything to its checkpoint, and only then lets Electron
// quit. The system and signals end it without a question.

import { app, dialog, type BrowserWindow } from 'electron'

export type QuittingSurroundings = {
  readonly isBusy: () => boolean
  readonly window: () => BrowserWindow | null
  readonly show: () => void
  /** Keeps what goes on at the next start, and closes everything. */
  readonly end: () => Promise<void>
}

export class Quitting {
  readonly #around: QuittingSurroundings
  #state: 'no' | 'asking' | 'ending' | 'done' = 'no'

  constructor(around: QuittingSurroundings) {
    this.#around = around
  }

  /** Asking counts. */
  get isUnderWay(): boolean {
    return this.#state !== 'no'
  }

  get isDone(): boolean {
    return this.#state === 'done'
  }

  /** Electron's before-quit. */
  beforeQuit(event: { preventDefault(): void }): void {
    if (this.#state === 'done') return
    event.preventDefault()
    void this.quit(true)
  }

  async quit(asks: boolean): Promise<void> {
    if (this.#state === 'ending' || this.#state === 'done') return
    if (asks && this.#around.isBusy()) {
      if (this.#state === 'asking') return
      this.#state = 'asking'
      const stays = !(await this.#asksToQuit())
      // A signal may have come meanwhile.
      if (this.#state !== 'asking') return
      if (stays) {
        this.#state = 'no'
        return
      }
    }
    this.#state = 'ending'
    await this.#around.end()
    this.#state = 'done'
    app.quit()
  }

  /** True: quit. */
  async #asksToQuit(): Promise<boolean> {
    this.#around.show()
    const options = {
      type: 'question',
      message: 'Quit while something is running?',
      detail:
        'It stops at its next checkpoint. Everything confirmed so far is kept, and a copy goes on by itself when Venti Mirror is started again.',
      buttons: ['Keep Running', 'Quit'],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    } as const
    const window = this.#around.window()
    const { response } = await (window === null
      ? dialog.showMessageBox({ ...options, buttons: [...options.buttons] })
      : dialog.showMessageBox(window, { ...options, buttons: [...options.buttons] }))
    return response === 1
  }
}
