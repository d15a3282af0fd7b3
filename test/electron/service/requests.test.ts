// What the service refuses before anything is done, what choosing places answers, and settings.

import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkedRequest } from '../../../electron/service/validate.ts'
import { channels, isChannel, type Channel } from '../../../shared/contract.ts'
import { diskIn } from '../../helpers/disk-syncs.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { serviceIn } from '../../helpers/service-runs.ts'
import { imageIn, stateDirIn } from '../../helpers/sync-runs.ts'

const id = '5f0f5bd5-6d0b-4b0c-8a39-1d54f3c3c5a1'
const long = 'x'.repeat(40_000)

/** One that fits, for each channel. */
const fitting: Readonly<Record<Channel, Record<string, unknown>>> = {
  'app.view': {},
  'machine.answer': { id, answer: { kind: 'text', text: 'x' } },
  'places.disks': {},
  'places.list': { path: null },
  'places.look': { path: '/dev/sda' },
  'places.folder': { path: '/srv' },
  'setup.begin': {},
  'setup.discard': {},
  'setup.step': { step: 'plan' },
  'setup.source': { place: id },
  'setup.sample': {},
  'setup.name': { name: 'nightly' },
  'setup.test': { dial: 'tcp!a!17034' },
  'setup.addTarget': { dial: 'a', name: 'cellar' },
  'setup.addStore': { folder: id, name: 'disk', sizeBytes: 2 ** 30 },
  'setup.removeTarget': { dial: 'a' },
  'setup.ninefat': { place: null },
  'setup.fossil': { place: id },
  'setup.plan': {},
  'setup.copy': {},
  'setup.mutual': { disk: null },
  'setup.finish': {},
  'mirror.refresh': { mirror: 'a' },
  'mirror.arenas': { mirror: 'a' },
  'mirror.change': { mirror: 'a', limitBytesPerSecond: null },
  'mirror.addTarget': { mirror: 'a', dial: 'b', name: 'c' },
  'mirror.removeTarget': { mirror: 'a', dial: 'b' },
  'mirror.forget': { mirror: 'a' },
  'sample.nextDay': { mirror: 'a' },
  'sync.start': { mirror: 'a', dials: ['b'] },
  'job.pause': { job: id },
  'job.resume': { job: id },
  'job.cancel': { job: id },
  'roots.list': { mirror: 'a' },
  'roots.paste': { mirror: 'a', text: 'vac:' },
  'roots.reveal': { root: id },
  'check.start': { mirror: 'a', root: id, dial: 'b', depth: 'full', repair: false },
  'tree.list': { root: id, dial: 'b', path: '/', from: 0, count: 10 },
  'tree.preview': { root: id, dial: 'b', path: '/a', offset: 0 },
  'extract.start': { root: id, dial: 'b', path: '/', folder: id },
  'recovery.card': { mirror: 'a', root: id, dial: 'b', reveal: false },
  'activity.list': { mirror: null, kinds: ['run'], from: 0, count: 50 },
  'activity.export': { mirror: 'a', kinds: [], format: 'csv' },
  'settings.change': { theme: 'dark' },
  'wrcmd.look': { place: id, source: null },
  'wrcmd.set': { place: id, source: id, host: null, before: 'venti/wrarena a 0x0', dryRun: true },
}

describe('requests', () => {
  test.each(Object.keys(channels).filter(isChannel))('%s: what fits passes, everything else is refused', (channel) => {
    const asked = fitting[channel]
    expect(checkedRequest(channel, asked)).toEqual(asked)
    const refused = (value: unknown): void =>
      expect(() => checkedRequest(channel, value), JSON.stringify(value)?.slice(0, 80)).toThrow(/does not fit/)
    for (const value of [
      undefined,
      null,
      [],
      'text',
      1,
      { ...asked, more: 1 },
      { ...asked, __proto__: { a: 1 }, x: 1 },
    ])
      refused(value)
    for (const [key, value] of Object.entries(asked)) {
      for (const wrong of [undefined, {}, [1], -1, 1.5, Number.NaN, 2 ** 60, long, `a\u0000b`, '']) {
        if (channel.startsWith('tree.') && key === 'path' && (wrong === '' || wrong === 'a\u0000b')) continue
        if (channel === 'extract.start' && key === 'path' && (wrong === '' || wrong === 'a\u0000b')) continue
        if (channel === 'roots.paste' && key === 'text' && (wrong === '' || wrong === 'a\u0000b')) continue
        // A line of a disk, as it was shown.
        if (channel === 'wrcmd.set' && key === 'before' && (wrong === '' || wrong === 'a\u0000b')) continue
        refused({ ...asked, [key]: wrong })
      }
      if (typeof value === 'string' && value === id)
        for (const wrong of ['/etc/passwd', '../x']) refused({ ...asked, [key]: wrong })
    }
  })

  test.each(['../x', 'a/b', '.hidden', 'a b', '', 'x'.repeat(65)])('%j names no mirror', (mirror) => {
    expect(() => checkedRequest('mirror.forget', { mirror })).toThrow(/does not fit/)
  })

  test('strangers are refused, and what they asked is not repeated', async () => {
    const service = serviceIn(await scratchDir())
    const score = 'ab'.repeat(20)
    for (const channel of ['toString', '__proto__', 'app.views', '', 'constructor']) {
      expect(await service.refusal(channel, {})).toMatchObject({ code: 'usage' })
    }
    expect(await service.refusal('roots.reveal', { root: score, [score]: score })).toMatchObject({ code: 'usage' })
    expect(service.text).not.toContain(score)
  })

  test('ids of places, roots and jobs that nobody gave mean nothing', async () => {
    const service = serviceIn(await scratchDir())
    for (const [channel, asked] of [
      ['setup.begin', {}],
      ['app.view', {}],
    ] as const)
      await service.ask(channel, asked)
    for (const channel of [
      'setup.source',
      'setup.ninefat',
      'setup.fossil',
      'job.pause',
      'roots.reveal',
      'wrcmd.look',
    ] as const) {
      const key = channel === 'job.pause' ? { job: id } : channel === 'roots.reveal' ? { root: id } : { place: id }
      const asked = channel === 'wrcmd.look' ? { ...key, source: null } : key
      expect(await service.refusal(channel, asked)).toMatchObject({ code: 'usage' })
    }
    const store = { folder: id, name: 'x', sizeBytes: 2 ** 30 }
    expect(await service.refusal('setup.addStore', store)).toMatchObject({ code: 'usage' })
  })
})

describe('places', () => {
  test('folders first, hidden ones last, links followed for their kind, sizes of files', async () => {
    const folder = await scratchDir()
    await Promise.all(['b', 'a', '.git'].map((name) => mkdir(join(folder, name))))
    await Promise.all(['z10', 'z9', '.rc'].map((name) => writeFile(join(folder, name), name)))
    await symlink(join(folder, 'a'), join(folder, 'link'))
    await symlink(join(folder, 'nowhere'), join(folder, 'broken'))
    const service = serviceIn(folder)
    const listing = await service.ask('places.list', { path: null })
    expect(listing).toMatchObject({ path: folder, isCut: false })
    expect(listing.entries.map(({ name }) => name).filter((name) => name !== 'state')).toEqual([
      'a',
      'b',
      'link',
      'z9',
      'z10',
      '.git',
      '.rc',
    ])
    expect(listing.entries.find(({ name }) => name === 'z10')).toEqual({ name: 'z10', isFolder: false, sizeBytes: 3 })
    expect((await service.ask('places.list', { path: '/' })).parent).toBeNull()
    expect(await service.ask('places.list', { path: '~/a' })).toMatchObject({ path: join(folder, 'a'), parent: folder })
    expect(await service.refusal('places.list', { path: join(folder, 'z9') })).toMatchObject({ code: 'source-open' })
    expect(await service.refusal('places.list', { path: 'not/there' })).toMatchObject({ code: 'source-open' })
  })

  test('thousands of names are cut', async () => {
    const folder = await scratchDir()
    for (let i = 0; i < 2100; i++) await writeFile(join(folder, `f${i}`), '')
    const { entries, isCut } = await serviceIn(folder).ask('places.list', { path: folder })
    expect(isCut).toBe(true)
    expect(entries).toHaveLength(2000)
  })

  test('what a path turns out to be', async () => {
    const folder = await scratchDir()
    const disk = await diskIn(folder)
    const image = await imageIn(folder, 'seq-day2')
    const config = join(folder, 'venti.conf')
    await writeFile(config, `index main\narenas ${image}\n`)
    const service = serviceIn(folder)
    const look = async (path: string) => await service.ask('places.look', { path })
    expect(await look(disk.path)).toMatchObject({ kind: 'disk', totals: null })
    const kinds = (await look(disk.path)).partitions.map(({ name, kind }) => `${name} ${kind}`)
    expect(kinds).toEqual(expect.arrayContaining(['9fat 9fat', 'arenas arenas', 'fossil fossil']))
    expect(await look(disk.ninefat)).toMatchObject({ kind: '9fat', totals: null })
    expect(await look(disk.fossil)).toMatchObject({ kind: 'fossil', totals: null })
    expect(await look(image)).toMatchObject({ kind: 'arenas', totals: { blocks: 361, arenas: 6, damage: 0 } })
    expect(await look(config)).toMatchObject({ kind: 'config', totals: { blocks: 361 } })
    expect(await service.refusal('places.look', { path: `${disk.path}:nothing` })).toMatchObject({
      code: 'no-such-partition',
    })
    expect(await service.refusal('places.look', { path: join(folder, 'away') })).toMatchObject({ code: 'source-open' })
    await writeFile(join(folder, 'broken.conf'), `arenas ${join(folder, 'away')}\n`)
    const broken = await look(join(folder, 'broken.conf')).catch((error: unknown) => String(error))
    expect(JSON.stringify(broken)).toContain('away')
    for (const { path } of await service.ask('places.disks', {})) expect(path).toMatch(/^\/dev\//)
  })
})

describe('settings', () => {
  test('are kept for their owner alone, told, and a file that is none is set aside', async () => {
    const folder = await scratchDir()
    const service = serviceIn(folder)
    const told = service.told('settings.view', ({ theme }) => theme === 'dark')
    await service.ask('settings.change', { theme: 'dark', lateAfterHours: 12 })
    expect(await told).toMatchObject({ lateAfterHours: 12, notifyFailures: true })
    const path = join(stateDirIn(folder), 'settings.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await service.link.close()
    expect((await serviceIn(folder).ask('app.view', {})).settings).toMatchObject({ theme: 'dark', lateAfterHours: 12 })
    await writeFile(path, '{"theme":"pink"}')
    const { settings, problems } = await serviceIn(folder).ask('app.view', {})
    expect(settings.theme).toBe('system')
    expect(problems).toMatchObject([expect.stringContaining('kept as')])
  })

  test('a draft and stores that are no JSON are set aside, and the service answers', async () => {
    const folder = await scratchDir()
    await mkdir(stateDirIn(folder))
    for (const name of ['setup.json', 'stores.json']) await writeFile(join(stateDirIn(folder), name), '{')
    const service = serviceIn(folder)
    const { setup, problems } = await service.ask('app.view', {})
    expect(setup).toBeNull()
    expect(problems).toHaveLength(2)
    await service.ask('setup.begin', {})
    expect(JSON.parse(await readFile(join(stateDirIn(folder), 'setup.json'), 'utf8'))).toMatchObject({ step: 'source' })
  })
})
