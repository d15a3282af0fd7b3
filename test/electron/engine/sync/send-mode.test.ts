// Ask first or send at once: the chooser fed with outcomes, and what it costs in questions and in blocks sent for nothing.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SendModeChooser, type ModePolicy } from '../../../../electron/engine/sync/send-mode.ts'

type Costs = { readonly asked: number; readonly sentForNothing: number; readonly sent: number }

/** A copy of blocks of which the target has those that `has` says; every question is answered before the next block. */
function copy(policy: ModePolicy, blocks: readonly boolean[]): Costs {
  const chooser = new SendModeChooser(policy)
  const costs = { asked: 0, sentForNothing: 0, sent: 0 }
  for (const has of blocks) {
    const mode = chooser.next()
    if (mode === 'probe') {
      costs.asked++
      chooser.answered(has)
      if (!has) costs.sent++
    } else {
      costs.sent++
      if (has) costs.sentForNothing++
    }
  }
  return costs
}

const all = (count: number, has: boolean): boolean[] => Array.from({ length: count }, () => has)

describe('a first copy', () => {
  test('to an empty target asks sixteen times, and then one block in 64', () => {
    const { asked, sentForNothing } = copy('ask-first', all(10_000, false))
    expect({ asked, sentForNothing }).toEqual({ asked: 16 + Math.floor((10_000 - 16) / 64), sentForNothing: 0 })
  })

  test('to a complete target sends nothing', () => {
    expect(copy('ask-first', all(10_000, true))).toEqual({ asked: 10_000, sentForNothing: 0, sent: 0 })
  })

  test('to a target that lacks the beginning soon asks again', () => {
    const { sentForNothing } = copy('ask-first', [...all(5000, false), ...all(5000, true)])
    // The next sample may be a whole interval away; the two behind it follow at once.
    expect(sentForNothing).toBeLessThanOrEqual(64)
  })

  test('to a target that lacks the end soon stops asking', () => {
    const { asked } = copy('ask-first', [...all(5000, true), ...all(5000, false)])
    expect(asked).toBeLessThan(5000 + 64 + 5000 / 64 + 2)
  })

  test('to a target that has two of three keeps asking', () => {
    const { sentForNothing } = copy(
      'ask-first',
      Array.from({ length: 9000 }, (_, i) => i % 3 !== 0),
    )
    expect(sentForNothing).toBe(0)
  })

  test('to a target that has one of ten does not fall for a single hit', () => {
    const { asked } = copy(
      'ask-first',
      Array.from({ length: 10_000 }, (_, i) => i % 10 === 9),
    )
    expect(asked).toBeLessThan(1000)
  })
})

describe('a daily increment', () => {
  test('begins by sending and asks for one block in 64', () => {
    const { asked, sent, sentForNothing } = copy('send-first', all(640, false))
    expect({ asked, sent, sentForNothing }).toEqual({ asked: 10, sent: 640, sentForNothing: 0 })
  })

  test('that the target has already is noticed after two intervals at most', () => {
    expect(copy('send-first', all(10_000, true)).sentForNothing).toBeLessThanOrEqual(64)
  })
})

test('without probes it never asks, in an audit always', () => {
  expect(copy('write', all(1000, true)).asked).toBe(0)
  expect(copy('probe', all(1000, false)).asked).toBe(1000)
})

test('whatever a target has: each stretch of it costs at most the way to the next sample, and no block is asked for twice', () => {
  const policy = fc.constantFrom<ModePolicy>('ask-first', 'send-first')
  const runs = fc.array(fc.record({ has: fc.boolean(), count: fc.integer({ min: 1, max: 400 }) }), { maxLength: 20 })
  fc.assert(
    fc.property(policy, runs, (mode, plan) => {
      const blocks = plan.flatMap(({ has, count }) => all(count, has))
      const { asked, sentForNothing } = copy(mode, blocks)
      expect(asked).toBeLessThanOrEqual(blocks.length)
      // Each stretch that the target has can cost the way to the next sample.
      const stretches = plan.filter(({ has }) => has).length
      expect(sentForNothing).toBeLessThanOrEqual(stretches * 64 + 64)
    }),
  )
})
