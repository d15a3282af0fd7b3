// One page at a time may change things: the first that came, and after it the next, unless another asks for it. The others
// look on. Two people, or one person with two tabs, never steer the same copy against each other without knowing.

import { isChannel, type Channel } from '../../shared/contract.ts'
import type { Problem } from '../../shared/model/window.ts'

/**
 * What a page without control may ask: what only looks at mirrors, jobs and their past. Choosing places, the set-up, and a
 * root score in full are for the one who acts.
 */
export const rights = {
  'app.view': 'look',
  'machine.answer': 'act',
  'places.disks': 'act',
  'places.list': 'act',
  'places.look': 'act',
  'places.folder': 'act',
  'setup.begin': 'act',
  'setup.discard': 'act',
  'setup.step': 'act',
  'setup.source': 'act',
  'setup.sample': 'act',
  'setup.name': 'act',
  'setup.test': 'act',
  'setup.addTarget': 'act',
  'setup.addStore': 'act',
  'setup.removeTarget': 'act',
  'setup.ninefat': 'act',
  'setup.fossil': 'act',
  'setup.plan': 'act',
  'setup.copy': 'act',
  'setup.mutual': 'look',
  'setup.finish': 'act',
  'mirror.refresh': 'look',
  'mirror.arenas': 'look',
  'mirror.change': 'act',
  'mirror.addTarget': 'act',
  'mirror.removeTarget': 'act',
  'mirror.forget': 'act',
  'sample.nextDay': 'act',
  'sync.start': 'act',
  'job.pause': 'act',
  'job.resume': 'act',
  'job.cancel': 'act',
  'roots.list': 'look',
  'roots.paste': 'act',
  'roots.reveal': 'act',
  'check.start': 'act',
  'tree.list': 'look',
  'tree.preview': 'look',
  'extract.start': 'act',
  'recovery.card': 'act',
  'activity.list': 'look',
  'activity.export': 'look',
  'settings.change': 'act',
  'wrcmd.look': 'look',
  'wrcmd.set': 'act',
} as const satisfies Record<Channel, 'look' | 'act'>

/** What is no channel at all is left to the service to refuse. */
export function needsControl(channel: string): boolean {
  return isChannel(channel) && rights[channel] === 'act'
}

export const noControl: Problem = {
  code: 'no-control',
  happened: 'another page has control, and this one only looks',
  safe: 'Nothing was changed.',
  next: 'Take control here, or go on in the other page.',
}

export interface Controllable {
  /** Told when it comes, and whenever it changes. */
  tellControl(control: boolean): void
}

export class ControlBook<Page extends Controllable> {
  /** In the order in which they get control; the first has it. */
  #pages: readonly Page[] = []

  has(page: Page): boolean {
    return this.#pages[0] === page
  }

  join(page: Page): void {
    this.#pages = [...this.#pages, page]
    page.tellControl(this.has(page))
  }

  leave(page: Page): void {
    const had = this.has(page)
    this.#pages = this.#pages.filter((one) => one !== page)
    if (had) this.#pages[0]?.tellControl(true)
  }

  take(page: Page): void {
    const before = this.#pages[0]
    if (before === page || !this.#pages.includes(page)) return
    this.#pages = [page, ...this.#pages.filter((one) => one !== page)]
    before?.tellControl(false)
    page.tellControl(true)
  }
}
