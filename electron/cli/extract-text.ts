// What extract says to people: progress while it runs, and at the end what is there and what could not be restored.

import type { ExtractResult, ExtractSnapshot } from '../../shared/model/extract.ts'
import { countOf, formatBytes, formatDuration, formatRateOf } from '../../shared/text/format.ts'

export function extractProgressLines({ files, bytes, skipped, failures, path }: ExtractSnapshot): readonly string[] {
  const faults = failures === 0 ? '' : `, ${formatFailures(failures)}`
  const there = skipped === 0 ? '' : `, ${skipped} there already`
  return [`${countOf(files, 'file')} restored (${formatBytes(bytes)})${there}${faults}`, `  ${path}`]
}

export function extractLines(result: ExtractResult): readonly string[] {
  const { files, directories, bytes, skipped, failed, unlisted, renamed, durationMs } = result
  const failures = failed.length + unlisted
  return [
    `${result.root}${result.path} to ${result.folder}`,
    `  ${countOf(files, 'file')} restored in ${countOf(directories, 'folder')}, ${formatBytes(bytes)} in ` +
      `${formatDuration(durationMs)} (${formatRateOf(bytes, durationMs)})`,
    ...(skipped === 0 ? [] : [`  ${countOf(skipped, 'file')} there already with the same content`]),
    ...(failures === 0 ? [] : [`  ${formatFailures(failures)}:`]),
    ...failed.map(({ path, reason }) => `    ${path}: ${reason}`),
    ...(unlisted === 0 ? [] : [`    and ${unlisted} more`]),
    ...(renamed.length === 0 ? [] : ['  Names that are not UTF-8 were changed:']),
    ...renamed.map((path) => `    ${path}`),
    '  Owners are not restored: the files belong to whoever ran this.',
  ]
}

function formatFailures(count: number): string {
  return `${count} could not be restored`
}
