// Answers what the window asks of the desktop (shared/desktop.ts), checked like every request.

import { clipboard, dialog, shell, type BrowserWindow } from 'electron'
import { z } from 'zod'
import type { Result } from '../../shared/contract.ts'
import type { DesktopAnswer, DesktopAsked, DesktopChannel } from '../../shared/desktop.ts'
import { AppError } from '../../shared/errors.ts'
import { problemOf } from '../service/problem.ts'
import type { DesktopKeeper } from './desktop-keeper.ts'
import { desktopChange } from './habits/desktop-settings.ts'

export type DesktopSurroundings = {
  readonly window: () => BrowserWindow | null
  readonly logsFolder: string
  readonly keeper: DesktopKeeper
  readonly report: () => Promise<string>
}

type Handlers = { readonly [C in DesktopChannel]: (asked: DesktopAsked<C>) => Promise<DesktopAnswer<C>> }

const nothing = z.strictObject({})
const checks: { readonly [C in DesktopChannel]: z.ZodType<DesktopAsked<C>> } = {
  'desktop.view': nothing,
  'desktop.change': desktopChange,
  'desktop.dismissMissed': z.strictObject({ missedAt: z.iso.datetime() }),
  'desktop.choose': z.strictObject({
    what: z.enum(['file', 'folder']),
    title: z.string().max(200),
    start: z.string().max(4096).nullable(),
  }),
  'desktop.openLogs': nothing,
  'desktop.copyReport': nothing,
  'desktop.lookForUpdate': nothing,
  'desktop.openUpdate': nothing,
}

export async function openFolder(path: string): Promise<void> {
  const why = await shell.openPath(path)
  if (why === '') return
  throw new AppError('source-open', `the folder ${path} cannot be shown: ${why}`, {
    data: { path, safe: 'Nothing was changed.', next: 'Open it in a file manager.' },
  })
}

export class DesktopRequestsDesk {
  readonly #around: DesktopSurroundings
  readonly #handlers: Handlers

  constructor(around: DesktopSurroundings) {
    this.#around = around
    this.#handlers = {
      'desktop.view': () => Promise.resolve(around.keeper.view),
      'desktop.change': (asked) => around.keeper.change(asked),
      'desktop.dismissMissed': ({ missedAt }) => around.keeper.dismissMissed(missedAt),
      'desktop.choose': (asked) => this.#choose(asked),
      'desktop.openLogs': async () => {
        await openFolder(around.logsFolder)
        return null
      },
      'desktop.copyReport': () => this.copyReport(),
      'desktop.lookForUpdate': async () => {
        await around.keeper.updates.look()
        return around.keeper.view
      },
      'desktop.openUpdate': async () => {
        await around.keeper.updates.open()
        return null
      },
    }
  }

  async answer(channel: DesktopChannel, asked: unknown): Promise<Result<unknown>> {
    try {
      const checked = checks[channel].safeParse(asked)
      if (!checked.success) throw new AppError('usage', `this is no request of the kind ${channel}`)
      const handler = this.#handlers[channel] as (given: unknown) => Promise<unknown>
      return { ok: true, value: await handler(checked.data) }
    } catch (error) {
      return { ok: false, problem: problemOf(error) }
    }
  }

  async copyReport(): Promise<{ readonly characters: number }> {
    const text = await this.#around.report()
    await clipboard.writeText(text)
    return { characters: text.length }
  }

  async #choose({ what, title, start }: DesktopAsked<'desktop.choose'>): Promise<string | null> {
    const window = this.#around.window()
    if (window === null) return null
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      title,
      ...(start === null ? {} : { defaultPath: start }),
      properties: what === 'folder' ? ['openDirectory', 'createDirectory'] : ['openFile', 'showHiddenFiles'],
    })
    return canceled ? null : (filePaths[0] ?? null)
  }
}
