// The menu: every main action with its key, as each platform has it. What a page does is asked of the page.

import type { MenuItemConstructorOptions } from 'electron'
import type { DesktopCommand } from '../../shared/desktop.ts'

export type MenuActions = {
  readonly command: (command: DesktopCommand) => void
  readonly openLogs: () => void
  readonly copyReport: () => void
  readonly about: () => void
  readonly quit: () => void
}

export type MenuSettings = { readonly platform: NodeJS.Platform; readonly isPackaged: boolean }

type Item = MenuItemConstructorOptions

const separator: Item = { type: 'separator' }

const view = (label: string, command: DesktopCommand, accelerator: string, { command: go }: MenuActions): Item => ({
  label,
  accelerator,
  click: () => go(command),
})

export function menuTemplate(actions: MenuActions, { platform, isPackaged }: MenuSettings): Item[] {
  const isMac = platform === 'darwin'
  const settings = view('Settings', 'settings', 'CmdOrCtrl+,', actions)
  const quit: Item = { label: isMac ? 'Quit Venti Mirror' : 'Quit', accelerator: 'CmdOrCtrl+Q', click: actions.quit }
  const about: Item = { label: 'About Venti Mirror', click: actions.about }
  const application: Item = {
    label: 'Venti Mirror',
    submenu: [about, separator, settings, separator, { role: 'hide' }, { role: 'hideOthers' }, separator, quit],
  }
  return [
    ...(isMac ? [application] : []),
    {
      label: '&File',
      submenu: [
        view('Sync Now', 'sync', 'CmdOrCtrl+S', actions),
        view('Set Up a Mirror …', 'setup', 'CmdOrCtrl+N', actions),
        separator,
        { role: 'close' },
        ...(isMac ? [] : [separator, quit]),
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        view('Overview', 'overview', 'CmdOrCtrl+1', actions),
        view('Set-up', 'setup', 'CmdOrCtrl+2', actions),
        view('Verify', 'verify', 'CmdOrCtrl+3', actions),
        view('Activity', 'activity', 'CmdOrCtrl+4', actions),
        ...(isMac ? [] : [settings]),
        separator,
        { role: 'reload' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(isPackaged ? [] : [{ role: 'toggleDevTools' } satisfies Item]),
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        { label: 'Open Logs Folder', click: actions.openLogs },
        { label: 'Copy Report', click: actions.copyReport },
        ...(isMac ? [] : [separator, about]),
      ],
    },
  ]
}
