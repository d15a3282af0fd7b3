// The one window: how it is made, and what happens when its page dies or hangs. The page is a view of what goes on elsewhere,
// so that losing it loses nothing.

import { BrowserWindow, dialog, screen, type MessageBoxOptions } from 'electron'
import { pageOrigin } from '../../shared/bridge.ts'
import { leastSizeOn, placeOn, type Rectangle, type WindowPlace } from './habits/window-place.ts'

export type MainWindowOptions = {
  /** preload.cjs */
  readonly preload: string
  /** icon.png */
  readonly icon: string
  readonly place: WindowPlace | null
  readonly isPackaged: boolean
  readonly isDark: boolean
  readonly say: (line: string) => void
  readonly openLogs: () => void
  /** True: it may close; false: it is hidden, or somebody is asked first. */
  readonly mayClose: () => boolean
  readonly placed: (place: WindowPlace) => void
}

const [light, dark] = ['#f7f7f5', '#16181b']

/** The areas a window may take, the main one first: the system lists them in any order. */
function displaysByRank(): readonly Rectangle[] {
  const main = screen.getPrimaryDisplay()
  const others = screen.getAllDisplays().filter(({ id }) => id !== main.id)
  return [main, ...others].map(({ workArea }) => workArea)
}

function makeWindow({ preload, icon, place, isPackaged, isDark }: MainWindowOptions): BrowserWindow {
  const displays = displaysByRank()
  const bounds = placeOn(displays, place)
  const least = leastSizeOn(displays)
  return new BrowserWindow({
    ...bounds,
    minWidth: least.width,
    minHeight: least.height,
    title: 'Venti Mirror',
    icon,
    // Shown when it has something to show.
    show: false,
    backgroundColor: isDark ? dark : light,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !isPackaged,
    },
  })
}

/** Resolves with the number of the button. */
async function ask(window: BrowserWindow, options: MessageBoxOptions): Promise<number> {
  const { response } = await dialog.showMessageBox(window, { noLink: true, ...options })
  return response
}

function watchPage(window: BrowserWindow, { say, openLogs }: MainWindowOptions): void {
  const { webContents } = window
  /** We ended the page ourselves, to have it anew. */
  let isReopening = false
  const safe = 'What is being copied goes on without it, and everything confirmed is kept.'
  webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || isReopening) {
      isReopening = false
      return
    }
    say(`the page ended: ${reason}`)
    void ask(window, {
      type: 'error',
      message: 'The window ended unexpectedly.',
      detail: `${safe} (${reason})`,
      buttons: ['Reopen', 'Open the Logs Folder and Reopen'],
      defaultId: 0,
      cancelId: 0,
    }).then((button) => {
      if (button === 1) openLogs()
      if (!window.isDestroyed()) webContents.reload()
    })
  })
  let isAsking = false
  window.on('unresponsive', () => {
    if (isAsking) return
    isAsking = true
    say('the page does not answer')
    void ask(window, {
      type: 'warning',
      message: 'The window does not answer.',
      detail: safe,
      buttons: ['Wait', 'Reopen', 'Open the Logs Folder'],
      defaultId: 0,
      cancelId: 0,
    }).then((button) => {
      isAsking = false
      if (button === 2) openLogs()
      // A page that hangs does not hear a reload: its process has to go, and then comes back as one that ended.
      if (button === 1 && !window.isDestroyed()) {
        isReopening = true
        webContents.forcefullyCrashRenderer()
        webContents.reload()
      }
    })
  })
  webContents.on('preload-error', (_event, path, error) => say(`the preload ${path} failed: ${error.message}`))
}

/** Loads the page and shows the window when it is there. */
export function openMainWindow(options: MainWindowOptions): BrowserWindow {
  const window = makeWindow(options)
  watchPage(window, options)
  if (options.place?.isMaximized === true) window.maximize()
  window.once('ready-to-show', () => window.show())
  // The title tells how far a copy is: the page's own would overwrite it.
  window.on('page-title-updated', (event) => event.preventDefault())
  window.on('close', (event) => {
    options.placed({ ...window.getNormalBounds(), isMaximized: window.isMaximized() })
    if (!options.mayClose()) event.preventDefault()
  })
  void window
    .loadURL(`${pageOrigin}/`)
    .catch((error: unknown) => options.say(`the page did not load: ${String(error)}`))
  return window
}
