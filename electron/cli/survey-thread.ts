// A thread that checks arenas of a source, one after the other: started by survey-threads.ts. It opens the source for itself,
// so that nothing but what came of an arena crosses between threads.

import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../../shared/assert.ts'
import { sentError } from '../../shared/sent-error.ts'
import { countingSource, type ReadCount } from '../engine/source/counting-source.ts'
import { openSource } from '../engine/source/open-source.ts'
import { openArenaPartition, type ArenaPartition } from '../engine/venti/arena/arena-partition.ts'
import { surveyArena } from '../engine/venti/arena/survey.ts'
import type { SurveyAnswer, SurveyJob, SurveyStart } from './survey-threads.ts'

/** So often it tells how much it has read. */
const tellMs = 250

const port = parentPort
assert(port !== null, 'this program is a thread of another one')
const { spec } = workerData as SurveyStart
const count: ReadCount = { reads: 0, bytes: 0 }

const tell = (answer: SurveyAnswer): void => port.postMessage(answer)

async function open(): Promise<readonly ArenaPartition[]> {
  const { partitions } = await openSource(spec)
  return await Promise.all(partitions.map(async (source) => await openArenaPartition(countingSource(source, count))))
}

const opening = open()
// Told with the first arena.
opening.catch(() => undefined)

port.on('message', ({ id, partition, entry }: SurveyJob) => {
  const timer = setInterval(() => tell({ bytesRead: count.bytes }), tellMs)
  void (async () => {
    try {
      const at = (await opening)[partition]
      assert(at !== undefined, `${spec} has no partition number ${partition}`)
      const summary = await surveyArena(at, entry, { check: true })
      tell({ id, bytesRead: count.bytes, summary })
    } catch (error) {
      tell({ id, bytesRead: count.bytes, error: sentError(error) })
    } finally {
      clearInterval(timer)
    }
  })()
})
