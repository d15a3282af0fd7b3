// The recovery card: refused until all of a root was read back from that very target, then with the exact commands, masked
// unless they are to be revealed (R10).

import { describe, expect, test } from 'vitest'
import type { VerifyDepth } from '../../../shared/model/verify.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { onlyMirror } from '../../helpers/sync-runs.ts'
import { filledFake, newestRoot, partsOf } from '../../helpers/verify-runs.ts'
import { problemIn, verifyServiceIn } from '../../helpers/verify-service.ts'

async function setUp(id: string) {
  const folder = await scratchDir()
  const { venti } = await filledFake(folder, id)
  const { name } = await onlyMirror(folder)
  const service = verifyServiceIn(folder)
  const root = await service.rootView(name, newestRoot(id).score)
  const asked = { mirror: name, root: root.id, dial: venti.dial.text }
  return {
    venti,
    service,
    card: async (reveal = false, dial = asked.dial) =>
      await service.handlers['recovery.card']({ ...asked, reveal, dial }),
    check: async (depth: VerifyDepth) =>
      await service.checked(await service.handlers['check.start']({ ...asked, depth, repair: false })),
  }
}

describe('refused', () => {
  test('without a check, after one that only asked for presence, and for another target', async () => {
    const { card, check } = await setUp('fossil-venti')
    const never = { code: 'verify-failed', next: expect.stringContaining('in full') }
    expect(await problemIn(card())).toMatchObject(never)
    expect((await check('present')).result?.ok).toBe(true)
    expect(await problemIn(card(true))).toMatchObject(never)
    expect((await check('full')).result?.ok).toBe(true)
    expect(await problemIn(card(true, 'tcp!127.0.0.1!1'))).toMatchObject(never)
  })

  test('when a block is missing, and when it went missing after the full check', async () => {
    const { card, check, venti } = await setUp('seq-day1')
    const { data } = partsOf('seq-day1', venti)
    const block = venti.blocks.get(data.key) as Uint8Array
    venti.blocks.delete(data.key)
    expect((await check('full')).result?.ok).toBe(false)
    expect(await problemIn(card())).toMatchObject({ code: 'verify-failed', next: expect.stringContaining('heal it') })
    venti.blocks.set(data.key, block)
    await check('full')
    expect((await card()).isRevealed).toBe(false)
    venti.blocks.delete(data.key)
    await check('present')
    expect(await problemIn(card())).toMatchObject({ happened: expect.stringContaining('did not find all of it') })
  })
})

describe('given', () => {
  test('of a fossil: flfmt -v, masked, and in full when revealed', async () => {
    const { card, check, venti } = await setUp('fossil-venti')
    const { root } = newestRoot('fossil-venti')
    const mask = `${root.slice(0, 4)}…${root.slice(-4)}`
    await check('full')
    const hidden = await card()
    expect(hidden).toMatchObject({ dial: venti.dial.text, isRevealed: false })
    expect(hidden.plan9).toEqual([`venti=tcp!HOST!${venti.port}`, `fossil/flfmt -v ${mask} /dev/sdXX/fossil`])
    expect(hidden.here).toEqual([`venti-mirror extract vac:${mask}/active restored --at 127.0.0.1:${venti.port}`])
    expect(JSON.stringify(hidden)).not.toContain(root)
    const shown = await card(true)
    expect(shown.plan9[1]).toBe(`fossil/flfmt -v ${root} /dev/sdXX/fossil`)
    expect(shown.here[0]).toContain(`vac:${root}/active`)
    expect(shown.isRevealed).toBe(true)
    expect(Date.parse(shown.verifiedAt)).toBeGreaterThan(Date.parse('2020-01-01'))
  })

  test('of vac: never flfmt, and why', async () => {
    const { card, check } = await setUp('seq-day1')
    await check('full')
    const { plan9, notes } = await card()
    expect(plan9.join()).not.toContain('flfmt')
    expect(notes[0]).toMatch(/^fossil\/flfmt -v is not for this archive: /)
  })
})
