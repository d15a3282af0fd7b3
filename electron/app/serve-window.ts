// What the page and the menu ask for: of the desktop it is answered here, everything else by the service.

import { app, Menu, type BrowserWindow } from 'electron'
import type { Result } from '../../shared/contract.ts'
import { isDesktopChannel, type DesktopCommand } from '../../shared/desktop.ts'
import { DesktopRequestsDesk } from './desktop-requests.ts'
import type { DesktopKeeper } from './desktop-keeper.ts'
import { serveIpc } from './ipc.ts'
import { menuTemplate } from './menu.ts'

export type ServedWindow = {
  readonly window: () => BrowserWindow | null
  readonly keeper: DesktopKeeper
  readonly logsFolder: string
  readonly report: () => Promise<string>
  readonly ask: (channel: string, asked: unknown) => Promise<Result<unknown>>
  readonly command: (command: DesktopCommand) => void
  readonly openLogs: () => void
  readonly refused: (what: string) => void
}

/** Returns what tells the page. */
export function serveWindow(served: ServedWindow): ReturnType<typeof serveIpc> {
  const { window, keeper, logsFolder, report, ask, command, openLogs, refused } = served
  const desk = new DesktopRequestsDesk({ window, logsFolder, keeper, report })
  const actions = {
    command,
    openLogs,
    copyReport: () => void desk.copyReport(),
    about: () => app.showAboutPanel(),
    quit: () => app.quit(),
  }
  const { platform } = process
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(actions, { platform, isPackaged: app.isPackaged })))
  return serveIpc({
    contents: () => window()?.webContents ?? null,
    answer: async (channel, asked) =>
      isDesktopChannel(channel) ? await desk.answer(channel, asked) : await ask(channel, asked),
    refused,
  })
}
