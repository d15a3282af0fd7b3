// The one writer of standard output and standard error: exactly one JSON document, progress only where it is wanted, errors
// in three lines, a quiet end when nobody reads.

import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { Report, type OutputStream, type ReportOptions } from '../../../electron/cli/report.ts'
import { AppError, cancelledError } from '../../../shared/errors.ts'

class Sink extends Writable {
  text = ''
  isTTY = false
  columns = 40
  rows = 10
  broken = false

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.broken) done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    else {
      this.text += chunk.toString()
      done()
    }
  }
}

function make(options: Partial<ReportOptions> = {}): { report: Report; out: Sink; err: Sink } {
  const out = new Sink({ autoDestroy: false })
  const err = new Sink({ autoDestroy: false })
  const streams: { stdout: OutputStream; stderr: OutputStream } = { stdout: out, stderr: err }
  const report = new Report({ json: false, progress: false, ...streams, ...options })
  return { report, out, err }
}

test('text goes to standard output, notes and progress nowhere without a terminal', () => {
  const { report, out, err } = make()
  report.line('one')
  report.lines(['two', 'three'])
  report.document({ never: 1 })
  report.note('on the way')
  report.progress(['1 %'])
  expect([out.text, err.text]).toEqual(['one\ntwo\nthree\n', ''])
})

test('with --json there is one document and no text', () => {
  const { report, out } = make({ json: true })
  report.line('one')
  report.document({ a: [1] })
  expect(JSON.parse(out.text)).toEqual({ a: [1] })
  expect(() => report.document({ b: 2 })).toThrow('a second JSON document')
})

test('an error is three lines, and the document of --json unless there was one', () => {
  const error = new AppError('target-full', 'tcp!a!1: no space left in arenas', { data: { dial: 'tcp!a!1' } })
  const plain = make()
  plain.report.error(error)
  expect(plain.out.text).toBe('')
  expect(plain.err.text).toMatch(/^venti-mirror: tcp!a!1: no space left in arenas\n {2}safe: .+\n {2}next: .+\n$/)
  const json = make({ json: true })
  json.report.error(error)
  expect(JSON.parse(json.out.text)).toMatchObject({
    error: { code: 'target-full', message: error.message, retriable: false, data: { dial: 'tcp!a!1' } },
  })
  expect(json.err.text).toBe(plain.err.text)
  const late = make({ json: true })
  late.report.document({ done: true })
  late.report.error(error)
  expect(JSON.parse(late.out.text)).toEqual({ done: true })
})

test('what a server says cannot steer the terminal', () => {
  const { report, err } = make()
  report.error(new AppError('target-refused', 'it said \u001b]0;owned\u0007\nventi-mirror: all is well'))
  expect(err.text).not.toContain('\u001b')
  expect(err.text.split('\n')).toHaveLength(4)
})

test('on a terminal progress is redrawn in place, cut to its width, and cleared for text', () => {
  const { report, out, err } = make({ progress: false })
  err.isTTY = true
  const terminal = new Report({ json: false, progress: false, stdout: out, stderr: err })
  terminal.progress(['a'.repeat(60), 'b'])
  terminal.progress(['c', 'd'])
  terminal.line('text')
  const esc = '\u001b['
  expect(err.text).toBe(
    [
      `${esc}2K${'a'.repeat(38)}…\n${esc}2Kb\n${esc}0J`,
      `${esc}2A${esc}2Kc\n${esc}2Kd\n${esc}0J`,
      `${esc}2A${esc}0J`,
    ].join(''),
  )
  expect(out.text).toBe('text\n')
  expect(report.showsProgress).toBe(false)
})

test('--progress without a terminal gives plain lines every few seconds', () => {
  let now = 0
  const { report, err } = make({ progress: true, now: () => now })
  for (; now <= 11_000; now += 1_000) report.progress([`at ${now}`])
  expect(err.text).toBe('at 0\nat 5000\nat 10000\n')
})

test('EPIPE ends quietly', async () => {
  let closed = 0
  const { report, out, err } = make({ onClosed: () => closed++ })
  out.broken = true
  report.line('nobody reads this')
  await new Promise((resolve) => setImmediate(resolve))
  report.line('nor this')
  report.error(cancelledError())
  await report.flush()
  expect({ closed, isClosed: report.isClosed, err: err.text }).toEqual({ closed: 1, isClosed: true, err: '' })
})
