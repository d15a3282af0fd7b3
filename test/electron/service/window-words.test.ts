// The window never speaks in options of the command line, and a target that is named beside its words is not named in them.

import { describe, expect, test } from 'vitest'
import { namedNote, windowAdvice, windowText, withoutDial } from '../../../electron/service/window-words.ts'
import { problemOf } from '../../../electron/service/problem.ts'
import { AppError, errorCodes, type ErrorCode } from '../../../shared/errors.ts'
import { adviceFor } from '../../../shared/text/explain-error.ts'

const ofTheCommandLine = /(^|[\s("])--[a-z9]|"venti-mirror|\bcommand\b/

describe('window words', () => {
  test.each(Object.keys(errorCodes) as ErrorCode[])('%s: nothing to type', (code) => {
    const { safe, next } = windowAdvice(code)
    expect(safe).not.toMatch(ofTheCommandLine)
    expect(next).not.toMatch(ofTheCommandLine)
    expect(problemOf(new AppError(code, 'x'))).toEqual({ code, happened: 'x', safe, next })
    // What needs no other words is what the command line says.
    if (!ofTheCommandLine.test(adviceFor(code).safe)) expect(safe).toBe(adviceFor(code).safe)
  })

  test.each([
    ['Not checked against a source: why; name it with --source.', 'Not checked against a source: why.'],
    [
      'add --source-venti DIAL or --flush-source, or run the sync again in a few minutes',
      'run the sync again in a few minutes',
    ],
    ['damage was not looked for (--audit does both)', 'damage was not looked for'],
    [
      'If this is another venti, sync it with --name OTHER; if the mirror should begin anew, move /a b/c.json away',
      'If this is another venti, set up a mirror of its own for it',
    ],
    ['a name with -- in it', 'a name with -- in it'],
  ])('%j', (said, shown) => {
    expect(windowText(said)).toBe(shown)
  })

  test('what an error brings itself is said in the same words', () => {
    const data = { safe: 'Nothing.', next: 'name it, or allow more time with --timeout' }
    const error = new AppError('usage', "it is the server given with --source-venti 'a'", { data })
    expect(problemOf(error)).toEqual({
      code: 'usage',
      happened: "it is the source's own server 'a'",
      safe: 'Nothing.',
      next: 'name it',
    })
  })

  test('targets by what the user calls them', () => {
    const targets = [{ dial: 'tcp!a!1', name: 'cellar' }]
    expect(withoutDial('tcp!a!1', 'tcp!a!1: lost')).toBe('lost')
    expect(withoutDial('tcp!a!1', 'tcp!a!17: lost')).toBe('tcp!a!17: lost')
    expect(namedNote(targets, 'tcp!a!1: lost; trying again in 0.5 s')).toBe('cellar: lost; trying again in 0.5 s')
    expect(namedNote(targets, 'tcp!b!1: lost')).toBe('tcp!b!1: lost')
  })
})
