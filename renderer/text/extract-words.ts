// How a restore ended, in a word and a sentence. Pure.

import type { ExtractJobView } from '../../shared/model/window.ts'
import { counted } from './format.ts'

export type ExtractEnd = {
  readonly tone: 'ok' | 'late' | 'bad' | 'plain'
  readonly label: string
  readonly sentence: string
}

export function extractEnd({ result, failed }: Pick<ExtractJobView, 'result' | 'failed'>): ExtractEnd {
  if (result === 'ok')
    return { tone: 'ok', label: 'done', sentence: 'Every block was compared with its score on the way.' }
  if (result === 'cancelled') {
    return {
      tone: 'plain',
      label: 'stopped',
      sentence: 'Files that are complete stay; run again, it goes on from there.',
    }
  }
  if (result === 'attention') {
    const sentence = `${counted(failed.length, 'file')} could not be restored; everything else is there.`
    return { tone: 'late', label: 'not all', sentence }
  }
  return { tone: 'bad', label: 'failed', sentence: 'It did not come through. Files that are complete stay.' }
}
