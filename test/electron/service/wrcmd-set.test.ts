// wrcmd set from the window: the program's own line over exactly what the user saw, with a backup, and never under a sync.
// And the other direction of a mutual mirror, whose line it writes.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { changeNinefat, listNinefatBackups, readNinefat, textBytes } from '../../../electron/engine/fat/ninefat.ts'
import type { PlaceId, WrcmdSet } from '../../../shared/model/window.ts'
import { runHere } from '../../helpers/cli-here.ts'
import {
  changedRange,
  day1Offset,
  diskIn,
  scriptLine,
  setWrcmd,
  textOn,
  type TestDisk,
} from '../../helpers/disk-syncs.ts'
import { startFakeVenti, type FakeVenti } from '../../helpers/fake-venti.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { isHeld, serviceIn, type ServiceRun } from '../../helpers/service-runs.ts'
import { imageIn, stateDirIn } from '../../helpers/sync-runs.ts'

const firstArena = 794_624
const bookDial = 'tcp!192.168.0.99!17034'

type Scene = {
  readonly folder: string
  readonly disk: TestDisk
  readonly service: ServiceRun
  readonly place: PlaceId
  readonly source: PlaceId
}

async function scene(line: string | null): Promise<Scene> {
  const folder = await scratchDir()
  const disk = await diskIn(folder)
  if (line !== null) await setWrcmd(folder, disk.ninefat, line)
  const service = serviceIn(folder)
  const place = (await service.ask('places.look', { path: disk.ninefat })).place.id
  const source = (await service.ask('places.look', { path: disk.arenas })).place.id
  return { folder, disk, service, place, source }
}

async function seen({ service, place, source }: Scene): Promise<string | null> {
  return (await service.ask('wrcmd.look', { place, source })).line
}

async function set(all: Scene, host: string | null, dryRun = false): Promise<WrcmdSet> {
  const { service, place, source } = all
  return await service.ask('wrcmd.set', { place, source, host, before: await seen(all), dryRun })
}

describe('wrcmd.set', () => {
  test('a typo becomes the line meant; a dry run changes nothing; there is a backup', async () => {
    const typo = `${scriptLine({ dial: { text: bookDial } } as FakeVenti, 79_464, day1Offset)}\n`
    const all = await scene(typo)
    const { disk, folder, service } = all
    const before = await readFile(disk.path)
    const look = await service.ask('wrcmd.look', { place: all.place, source: all.source })
    expect(look).toMatchObject({ canImport: false, proposal: expect.stringContaining(' -o ') })
    const dry = await set(all, null, true)
    expect(dry).toMatchObject({ before: typo.trim(), after: look.proposal, isWritten: false, backup: null })
    expect(await changedRange(disk, before)).toBeNull()

    const done = await set(all, null)
    expect(done).toMatchObject({ after: look.proposal, isWritten: true, backup: expect.any(String), arena: 'arenas0' })
    expect(done.look).toMatchObject({ line: look.proposal, canImport: true, problems: [] })
    expect((await textOn(disk, 'wrcmd'))?.trim()).toBe(look.proposal)
    const { backups } = await listNinefatBackups(disk.ninefat, stateDirIn(folder))
    expect(backups.map(({ id }) => id)).toEqual([done.backup])
    const range = await changedRange(disk, before)
    expect(range?.[0]).toBeGreaterThanOrEqual(disk.from)
    expect(range?.[1]).toBeLessThanOrEqual(disk.to)
    // What is right stays, and is not written again.
    expect(await set(all, null)).toMatchObject({ after: look.proposal, isWritten: false, backup: null })
  })

  test('where what the typo of the article probably meant would be wrong, too, the copy begins anew', async () => {
    const all = await scene(`${scriptLine({ dial: { text: bookDial } } as FakeVenti, 53_766_536, 0)}\n`)
    const done = await set(all, null)
    expect(done).toMatchObject({ after: `venti/wrarena -h ${bookDial} -o ${firstArena} /dev/sdE0/arenas 0x0` })
    expect(done.remarks.join(' ')).toContain('begins with the first arena')
    expect(done.look).toMatchObject({ canImport: true, problems: [] })
  })

  test('the command line that is shown writes the same line', async () => {
    const all = await scene(null)
    const dry = await set(all, 'tcp!10.0.0.7!17034', true)
    expect(dry.after).toBe(`venti/wrarena -h tcp!10.0.0.7!17034 -o ${firstArena} /dev/sdE0/arenas 0x0`)
    // Another server has nothing of what the old line says of the first.
    expect(dry.remarks.join(' ')).toContain('begins with the first arena')
    const words = dry.command.replaceAll("'", '').split(' ')
    expect(words[0]).toBe('venti-mirror')
    const { status } = await runHere(words.slice(1))
    expect(status).toBe(0)
    expect((await textOn(all.disk, 'wrcmd'))?.trim()).toBe(dry.after)
  })

  test('a line that cannot be understood, an empty one and none at all: the first arena, for the server named', async () => {
    for (const line of ['rm -rf /\n', '\n', null]) {
      const all = await scene(line)
      if (line === null) {
        const { disk, folder } = all
        await changeNinefat(disk.ninefat, () => [{ kind: 'replace', name: 'wrcmd', content: textBytes('') }], {
          stateDir: join(stateDirIn(folder), 'test'),
          now: new Date(),
        })
      }
      expect(
        await all.service.refusal('wrcmd.set', {
          place: all.place,
          source: all.source,
          host: null,
          before: await seen(all),
          dryRun: false,
        }),
      ).toMatchObject({ code: 'usage', next: expect.stringContaining('Choose the venti') })
      const done = await set(all, '10.0.0.7')
      expect(done).toMatchObject({
        after: `venti/wrarena -h tcp!10.0.0.7!17034 -o ${firstArena} /dev/sdE0/arenas 0x0`,
        arena: 'arenas0',
        isWritten: true,
      })
      expect(done.look.canImport).toBe(true)
    }
  })

  test('what is no longer what was shown is left alone', async () => {
    const all = await scene(null)
    const { disk, folder, service, place, source } = all
    const before = await seen(all)
    const other = `${scriptLine({ dial: { text: bookDial } } as FakeVenti, firstArena, 0)}\n`
    await setWrcmd(folder, disk.ninefat, other)
    const image = await readFile(disk.path)
    const refused = await service.refusal('wrcmd.set', { place, source, host: null, before, dryRun: false })
    expect(refused).toMatchObject({ code: 'changed-9fat', safe: 'Nothing on the 9fat was changed.' })
    expect(await changedRange(disk, image)).toBeNull()
    // No partition but a 9fat is ever written to.
    const wrong = await service.refusal('wrcmd.set', { place: source, source, host: 'a', before: null, dryRun: false })
    expect(wrong).toMatchObject({ code: 'not-9fat' })
    expect(await changedRange(disk, image)).toBeNull()
  })

  test('scores in it stay masked', async () => {
    const score = 'ab'.repeat(20)
    const all = await scene(`vac:${score}\n`)
    const done = await set(all, '10.0.0.7')
    expect(done.before).toBe('vac:abab…abab')
    expect(all.service.text).not.toContain(score)
  })

  test('not while a sync of a mirror with this 9fat runs; the draft of a set-up shows the new line', async () => {
    const folder = await scratchDir()
    const venti = await startFakeVenti()
    onTestFinished(() => venti.close())
    const disk = await diskIn(folder, 'disk-mbr', venti)
    await setWrcmd(folder, disk.ninefat, `${scriptLine(venti, 53_766_536, 0)}\n`)
    const service = serviceIn(folder)
    await service.ask('setup.begin', {})
    const source = (await service.ask('places.look', { path: disk.arenas })).place.id
    const draft = await service.ask('setup.source', { place: source })
    expect(draft).toMatchObject({ name: 'plan9', ninefat: { canImport: false } })
    const place = draft.ninefat?.place.id as PlaceId
    const all = { folder, disk, service, place, source }
    await set(all, null)
    const { setup } = await service.ask('app.view', {})
    expect(setup?.ninefat).toMatchObject({ canImport: true, problems: [] })

    await service.ask('setup.addTarget', { dial: venti.dial.text, name: 'cellar' })
    // A copy that is merely slow can be over before its picture is told.
    venti.behaviour.hold = true
    const { job } = await service.ask('setup.copy', {})
    await isHeld(venti)
    const before = await seen(all)
    const asked = { place, source, host: '10.0.0.7', before, dryRun: false }
    expect(await service.refusal('wrcmd.set', asked)).toMatchObject({
      code: 'usage',
      happened: expect.stringContaining('is being synced'),
    })
    expect(await seen(all)).toBe(before)
    await service.ask('job.cancel', { job })
    venti.behaviour.hold = false
    venti.store.release()
    await service.synced(job)
    expect((await service.ask('wrcmd.set', asked)).isWritten).toBe(true)
    const { mirrors } = await service.ask('app.view', {})
    expect(mirrors[0]?.wrcmd).toContain('10.0.0.7')
  })
})

describe('setup.mutual', () => {
  async function withOther(): Promise<{ folder: string; service: ServiceRun }> {
    const folder = await scratchDir()
    const venti = await startFakeVenti()
    onTestFinished(() => venti.close())
    const image = await imageIn(folder, 'seq-day1')
    const service = serviceIn(folder)
    await service.ask('setup.begin', {})
    const { place } = await service.ask('places.look', { path: image })
    await service.ask('setup.source', { place: place.id })
    await service.ask('setup.addTarget', { dial: venti.dial.text, name: 'cellar' })
    return { folder, service }
  }

  test('without a disk: a placeholder, and nothing of this machine but the address of its venti', async () => {
    const { folder, service } = await withOther()
    const plan = await service.ask('setup.mutual', { disk: null })
    expect(plan).toMatchObject({ ninefat: null, source: null, wrcmd: null })
    expect(plan.commands).toEqual([
      `venti/wrarena -h ${plan.host} -o ${firstArena} /dev/sdE0/arenas 0x0`,
      `venti-mirror sync /dev/sdE0/arenas --to '${plan.host}' --verify`,
    ])
    expect(plan.commands.join('\n')).not.toContain(folder)
    expect(plan.commands.join('\n')).not.toContain('--state')
  })

  test('with a disk of the other machine: its own names, and the very line that wrcmd.set writes', async () => {
    const { folder, service } = await withOther()
    const disk = await diskIn(folder)
    await setWrcmd(
      folder,
      disk.ninefat,
      `${scriptLine({ dial: { text: bookDial } } as FakeVenti, firstArena, 0, '/dev/sdC1/arenas')}\n`,
    )
    for (const path of [disk.path, disk.arenas, disk.ninefat]) {
      const { place } = await service.ask('places.look', { path })
      const plan = await service.ask('setup.mutual', { disk: place.id })
      expect(plan).toMatchObject({
        ninefat: { place: { path: disk.ninefat }, arena: 'arenas0' },
        source: { path: disk.arenas },
        wrcmd: `venti/wrarena -h ${plan.host} -o ${firstArena} /dev/sdC1/arenas 0x0`,
      })
      expect(plan.commands).toEqual([
        plan.wrcmd,
        `venti-mirror sync /dev/sdC1/arenas --to '${plan.host}' --9fat /dev/sdC1/9fat --verify`,
      ])
    }
    const { place } = await service.ask('places.look', { path: disk.path })
    const { ninefat, source, host, wrcmd } = await service.ask('setup.mutual', { disk: place.id })
    const done = await service.ask('wrcmd.set', {
      place: ninefat?.place.id as PlaceId,
      source: source?.id as PlaceId,
      host,
      before: ninefat?.line ?? null,
      dryRun: false,
    })
    expect(done).toMatchObject({ after: wrcmd, isWritten: true })
    expect((await readNinefat(disk.ninefat)).wrcmd.text).toBe(`${wrcmd}\n`)
  })

  test('what is no disk of it is said, and the disk of the source refused', async () => {
    const { folder, service } = await withOther()
    const own = await service.ask('places.look', { path: join(folder, 'source.img') })
    expect(await service.refusal('setup.mutual', { disk: own.place.id })).toMatchObject({
      code: 'usage',
      happened: expect.stringContaining('on the disk of the source itself'),
    })
    const bare = await service.ask('places.look', { path: await imageIn(folder, 'seq-day2', 'other.img') })
    const plan = await service.ask('setup.mutual', { disk: bare.place.id })
    expect(plan).toMatchObject({ ninefat: null, source: { path: bare.place.path }, wrcmd: null })
    expect(plan.words.join(' ')).toContain('no 9fat')
  })
})
