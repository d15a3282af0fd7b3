// The one window there is or is not: opened where it stood, shown again for whoever asks, and what its closing means.

import { app, nativeTheme, type BrowserWindow } from 'electron'
import { join } from 'node:path'
import { readPlace, writePlace } from './habits/window-place.ts'
import { openMainWindow } from './main-window.ts'

export type WindowSurroundings = {
  readonly programDir: string
  /** window-place.json; asked when it is needed, for the state folder is taken first. */
  readonly placePath: () => string
  /** The service is there, and nothing ends. */
  readonly mayOpen: () => boolean
  readonly staysInTray: () => boolean
  /** Everything is at its checkpoint: nobody is asked any more. */
  readonly mayEnd: () => boolean
  readonly opened: () => void
  readonly openLogs: () => void
  readonly say: (line: string) => void
}

export class WindowKeeper {
  readonly #around: WindowSurroundings
  #window: BrowserWindow | null = null

  constructor(around: WindowSurroundings) {
    this.#around = around
  }

  get window(): BrowserWindow | null {
    return this.#window
  }

  async open(): Promise<void> {
    const { programDir, placePath, openLogs, opened, say } = this.#around
    const path = placePath()
    const window = openMainWindow({
      preload: join(programDir, 'preload.cjs'),
      icon: join(programDir, 'icon.png'),
      place: await readPlace(path),
      isPackaged: app.isPackaged,
      isDark: nativeTheme.shouldUseDarkColors,
      say,
      openLogs,
      placed: (place) => void writePlace(path, place),
      mayClose: () => this.#mayClose(),
    })
    this.#window = window
    window.on('closed', () => {
      this.#window = null
    })
    opened()
  }

  /** A second start, a click on the dock: the window there is, or another one. */
  show(): void {
    const window = this.#window
    if (window === null) {
      if (this.#around.mayOpen()) void this.open()
      return
    }
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }

  /** On a Mac an application goes on without a window; elsewhere its last window ends it. */
  #mayClose(): boolean {
    const { mayEnd, mayOpen, staysInTray } = this.#around
    if (process.platform === 'darwin' || mayEnd()) return true
    if (staysInTray() && mayOpen()) this.#window?.hide()
    else app.quit()
    return false
  }
}
