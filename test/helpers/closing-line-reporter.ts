// The line machines read: "N passed, N failed, N skipped". Vitest's own summary has colours and another shape. When
// TEST_SUMMARY names a file, the same goes there as JSON with the skipped tests by name, for those who must judge them.

import { writeFile } from 'node:fs/promises'
import type { Reporter, TestModule } from 'vitest/node'
import { findLauncher } from '../e2e/choose-launcher.ts'

export type TestSummary = {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly { readonly file: string; readonly name: string }[]
}

export default class ClosingLineReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): Promise<void> {
    const summary = { passed: 0, failed: errors.length, skipped: [] as { file: string; name: string }[] }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const state = test.result().state
        if (state === 'passed') summary.passed++
        else if (state === 'skipped') summary.skipped.push({ file: module.relativeModuleId, name: test.fullName })
        else summary.failed++
      }
      // A file that fails to load or in a hook has no failing test of its own.
      if (module.errors().length > 0) summary.failed++
    }
    const { passed, failed, skipped } = summary satisfies TestSummary
    const file = process.env['TEST_SUMMARY']
    if (file !== undefined && file !== '') await writeFile(file, JSON.stringify(summary, null, 2))
    if (modules.some(({ relativeModuleId }) => relativeModuleId.startsWith('test/e2e/'))) {
      process.stdout.write(`\nend to end: the scenarios ran in ${(await findLauncher()).words}\n`)
    }
    const tail = skipped.length > 0 ? `, ${skipped.length} skipped` : ''
    process.stdout.write(`\n${passed} passed, ${failed} failed${tail}\n`)
  }
}
