// What happens when the disk does not do as it is told, or is not as it was: every failure is said, and what it leaves is
// what a power cut would leave.

import { describe, expect, test } from 'vitest'
import { AppError } from '../../../../shared/errors.ts'
import { applyEdit } from '../../../../electron/engine/fat/apply-edit.ts'
import type { EditPlan } from '../../../../electron/engine/fat/edit.ts'
import { textBytes } from '../../../../electron/engine/fat/ninefat-text.ts'
import { planEdit } from '../../../../electron/engine/fat/plan-edit.ts'
import { openVolume } from '../../../../electron/engine/fat/volume.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { CutDisk, cutStates, overlayKey, overlayOf } from '../../../helpers/cut-disk.ts'
import { editImage, editTime, requireR6, type Trial } from '../../../helpers/cut-trial.ts'
import { buildCutVolume, longerLine, rootLines } from '../../../helpers/cut-volumes.ts'
import { inspectFat } from '../../../helpers/plain-fat.ts'

const image = buildCutVolume({ rootscor: rootLines(6) })
const wishes: Trial['wishes'] = [
  { name: 'rootscor', kind: 'append', text: rootLines(2, 50) },
  { name: 'wrcmd', kind: 'replace', text: longerLine },
]
const trial: Trial = { image, wishes, isClean: false }

async function planned(disk: CutDisk): Promise<EditPlan> {
  const changes = wishes.map(({ name, kind, text }) => ({ kind, name, content: textBytes(text) }))
  return planEdit(await openVolume(disk), changes, { now: editTime })
}

const saveBackup = (): Promise<string> => Promise.resolve('000001')
const discardBackup = (): Promise<void> => Promise.reject(new Error('not to be discarded'))
const kept = { saveBackup, discardBackup }
const broken = (): Error => new AppError('write-9fat', 'cut disk: the disk reports an input/output error (EIO)')

describe('a disk that fails at any event', () => {
  test('the error says what each file holds, and the state is one of those of a power cut', async () => {
    const whole = (await editImage(image, wishes)).disk
    const possible = new Set(cutStates(image, whole.events).map(overlayKey))
    const base = inspectFat(image)
    const said = new Set<string>()
    for (let event = 0; event < whole.events.length; event++) {
      const disk = new CutDisk(image)
      disk.failAt = { event, error: broken }
      const error = await rejection(applyEdit(disk, await planned(disk), kept))
      expect([event, error.code, error.data['backup']]).toEqual([event, 'write-9fat', '000001'])
      expect(error.message).toContain('(EIO)')
      expect(error.message).toContain('The next run finishes what was begun')
      expect(error.message).not.toContain('vac:')
      // Nothing was tried again.
      expect(disk.events).toEqual(whole.events.slice(0, event))
      expect(possible.has(overlayKey(overlayOf(image, disk.image)))).toBe(true)
      const { files } = requireR6(base, disk.image, trial)
      const isNew = (name: string, text: string): boolean => files.get(name)!.content.endsWith(text)
      const rootscor = isNew('ROOTSCOR', rootLines(2, 50))
        ? 'rootscor has its new text'
        : 'rootscor still has its old text'
      const wrcmd = isNew('WRCMD', longerLine) ? 'wrcmd has its new text' : 'wrcmd still has its old text'
      expect(error.message).toContain(`${rootscor}, ${wrcmd}`)
      said.add(`${rootscor}, ${wrcmd}`)
    }
    expect([...said]).toEqual([
      'rootscor still has its old text, wrcmd still has its old text',
      'rootscor has its new text, wrcmd still has its old text',
      'rootscor has its new text, wrcmd has its new text',
    ])
  })

  test('which write failed is said', async () => {
    const disk = new CutDisk(image)
    disk.failAt = { event: 0, error: broken }
    const plan = await planned(disk)
    const [step] = plan.steps
    const error = await rejection(applyEdit(disk, plan, kept))
    expect(step!.kind === 'write' && error.message).toMatch(/writing sector 0x[0-9a-f]+ \(data of rootscor\) failed/)
  })

  test('a disk that cannot be read afterwards: that is said too', async () => {
    const disk = new CutDisk(image)
    const plan = await planned(disk)
    disk.failAt = {
      event: 2,
      error: () => {
        disk.read = () => Promise.reject(new AppError('source-read', 'gone'))
        return broken()
      },
    }
    const error = await rejection(applyEdit(disk, plan, kept))
    expect(error.message).toContain('what wrcmd holds now cannot be read')
  })
})

test('a disk that the system does not let anyone write: as it was, and no backup of nothing', async () => {
  const disk = new CutDisk(image)
  const refusal = new AppError('mounted-9fat', 'refused by the system (EPERM)')
  disk.failAt = { event: 0, error: () => refusal }
  const discarded: string[] = []
  const discard = (id: string): Promise<void> => Promise.resolve(void discarded.push(id))
  const error = await rejection(applyEdit(disk, await planned(disk), { saveBackup, discardBackup: discard }))
  expect([error, discarded, disk.events]).toEqual([refusal, ['000001'], []])
})

test('a disk that forgets what was written is found out by reading back', async () => {
  const disk = new CutDisk(image)
  const plan = await planned(disk)
  const write = disk.write.bind(disk)
  const last = plan.steps.findLast((step) => step.kind === 'write')!
  disk.write = (offset, bytes) =>
    last.kind === 'write' && offset === last.sector * 512 ? Promise.resolve() : write(offset, bytes)
  const error = await rejection(applyEdit(disk, plan, kept))
  expect([error.code, error.message]).toEqual([
    'write-9fat',
    expect.stringMatching(
      /reading back after the edit failed: sector 0x[0-9a-f]+ does not hold what was written to it/,
    ),
  ])
})

test('a text that does not come out as planned is found out', async () => {
  const disk = new CutDisk(image)
  const plan = await planned(disk)
  const files = plan.files.map((file) => ({ ...file, after: textBytes('something else\n') }))
  const error = await rejection(applyEdit(disk, { ...plan, files }, kept))
  expect([error.code, error.message]).toEqual(['write-9fat', expect.stringContaining('rootscor does not read back')])
})

describe('a disk that is not as it was', () => {
  test('any examined sector that changed: nothing is written', async () => {
    const { examined } = await planned(new CutDisk(image))
    expect(examined.size).toBeGreaterThan(10)
    for (const sector of examined.keys()) {
      const disk = new CutDisk(image)
      const plan = await planned(disk)
      const at = sector * 512 + 100
      disk.image[at] = disk.image[at]! ^ 1
      const error = await rejection(applyEdit(disk, plan, kept))
      expect([sector, error.code, disk.events]).toEqual([sector, 'changed-9fat', []])
      expect(error.message).toContain(`sector 0x${sector.toString(16)} changed`)
    }
  })

  test('also when it changes while the backup is saved, and also where only free clusters are written', async () => {
    const disk = new CutDisk(image)
    const plan = await planned(disk)
    const first = plan.steps[0]!
    const discarded: string[] = []
    const saveAndChange = (): Promise<string> => {
      if (first.kind === 'write') disk.image[first.sector * 512] = 0x77
      return Promise.resolve('000001')
    }
    const error = await rejection(
      applyEdit(disk, plan, {
        saveBackup: saveAndChange,
        discardBackup: (id) => Promise.resolve(void discarded.push(id)),
      }),
    )
    expect([error.code, disk.events, discarded]).toEqual(['changed-9fat', [], ['000001']])
  })
})

test('no backup, no edit', async () => {
  const disk = new CutDisk(image)
  const full = new AppError('state-write', 'cannot save: ENOSPC')
  const error = await rejection(
    applyEdit(disk, await planned(disk), { ...kept, saveBackup: () => Promise.reject(full) }),
  )
  expect([error, disk.events]).toEqual([full, []])
})

test('cancelled before the first write: nothing is written and nothing kept', async () => {
  const disk = new CutDisk(image)
  const plan = await planned(disk)
  let saved = 0
  const signal = AbortSignal.abort()
  const error = await rejection(
    applyEdit(disk, plan, { ...kept, signal, saveBackup: () => Promise.resolve(String(saved++)) }),
  )
  expect([error.code, disk.events, saved]).toEqual(['cancelled', [], 0])
})

test('cancelled after the first write: the edit is finished', async () => {
  const disk = new CutDisk(image)
  const plan = await planned(disk)
  const stop = new AbortController()
  const write = disk.write.bind(disk)
  disk.write = (offset, bytes) => {
    stop.abort()
    return write(offset, bytes)
  }
  expect(await applyEdit(disk, plan, { ...kept, signal: stop.signal })).toBe('000001')
  expect(inspectFat(disk.image).files.get('WRCMD')!.content).toBe(longerLine)
})

test('a plan without steps writes nothing and keeps no backup', async () => {
  const disk = new CutDisk(image)
  const plan = { ...(await planned(disk)), steps: [] }
  const { reads } = disk
  expect(await applyEdit(disk, plan, { ...kept, saveBackup: () => Promise.reject(new Error('not wanted')) })).toBe(null)
  expect([disk.events, disk.reads]).toEqual([[], reads])
})

test('a plan that ends without a flush is flushed all the same', async () => {
  const disk = new CutDisk(image)
  const plan = await planned(disk)
  await applyEdit(disk, { ...plan, steps: plan.steps.slice(0, -1) }, kept)
  expect(disk.events.at(-1)).toEqual({ kind: 'flush' })
})
