// Every code has words, and they keep the form: two sentences of one line each.

import { expect, test } from 'vitest'
import { AppError, errorCodes, type ErrorCode } from '../../../shared/errors.ts'
import { adviceFor, explainError, isErrorCode } from '../../../shared/text/explain-error.ts'

const codes = Object.keys(errorCodes) as ErrorCode[]

test.each(codes)('%s', (code) => {
  const { safe, next } = adviceFor(code)
  for (const text of [safe, next]) expect(text).toMatch(/^[A-Z][^\n]{10,170}\.$/)
})

test('the three parts of an error', () => {
  expect(explainError(new AppError('target-full', 'tcp!a!17034: no space left in arenas'))).toEqual({
    happened: 'tcp!a!17034: no space left in arenas',
    ...adviceFor('target-full'),
  })
})

test('an error may know the next step better', () => {
  const error = new AppError('usage', 'SOURCE is missing', { data: { next: 'usage: this way' } })
  expect(explainError(error).next).toBe('usage: this way')
})

test('isErrorCode knows the codes and nothing else', () => {
  expect(codes.every(isErrorCode)).toBe(true)
  expect(['', 'toString', 'ENOENT'].some(isErrorCode)).toBe(false)
})
