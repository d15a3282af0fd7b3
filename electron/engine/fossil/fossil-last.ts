// What fossil/last prints, read from the partition itself: the root score of the last completed archive. Unlike fossil/last
// it checks both magics, every bound, and the label of the active root. Authority: vac-and-fossil.md 7.

import { AppError } from '../../../shared/errors.ts'
import type { RootScore } from '../../../shared/model/score.ts'
import { hexNumber } from '../bytes/hex.ts'
import { readOrBadPlace } from '../source/bad-place.ts'
import type { BlockSource } from '../source/block-source.ts'
import {
  decodeFossilHeader,
  fossilHeaderBytes,
  fossilHeaderOffset,
  fossilLabelBytes,
  type FossilHeader,
} from './header.ts'
import { activeLabelProblem, decodeFossilSuper, superBlockBytes, type FossilSuper } from './super-block.ts'

const configOffset = 127 * 1024
const configBytes = 1024
const configMarker = 'fossil config\n'

export type FossilInfo = {
  readonly blockSize: number
  readonly superBlock: number
  /** Text in the super block, "vfs" when flfmt was given none. */
  readonly label: string
  readonly last: RootScore
  /** `last` is the score of nothing ("never archived"): no usable root. */
  readonly isEmpty: boolean
  /** An archive is in progress: `last` is about to change. */
  readonly archiving: boolean
  readonly epochLow: number
  readonly epochHigh: number
  /** The commands stored in the partition, with their first line "fossil config"; null without them. */
  readonly configText: string | null
  /** What looks odd and does not keep `last` from being read. */
  readonly warnings: readonly string[]
}

async function readConfig(source: BlockSource): Promise<string | null> {
  const bytes = await readOrBadPlace(source, configOffset, configBytes)
  if (bytes instanceof AppError) return null
  const end = bytes.indexOf(0)
  const text = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
  return text.startsWith(configMarker) ? text : null
}

async function labelWarning(source: BlockSource, header: FossilHeader, info: FossilSuper): Promise<string | null> {
  const perBlock = Math.floor(header.blockSize / fossilLabelBytes)
  const block = header.labelBlock + Math.floor(info.active / perBlock)
  const offset = block * header.blockSize + (info.active % perBlock) * fossilLabelBytes
  if (offset + fossilLabelBytes > source.sizeBytes)
    return `the label of the active root is beyond the end of the partition`
  const bytes = await readOrBadPlace(source, offset, fossilLabelBytes)
  return bytes instanceof AppError
    ? `the label of the active root cannot be read: ${bytes.message}`
    : activeLabelProblem(bytes, info)
}

/** Rejects with `not-fossil` or `source-read`. Reads about two kilobytes. */
export async function readFossilLast(source: BlockSource): Promise<FossilInfo> {
  if (source.sizeBytes < fossilHeaderOffset + 512) {
    throw new AppError(
      'not-fossil',
      `${source.name}: ${source.sizeBytes} bytes are too few for a fossil, whose header is at ${hexNumber(fossilHeaderOffset)}`,
    )
  }
  const header = decodeFossilHeader(
    await source.read(fossilHeaderOffset, fossilHeaderBytes),
    source.name,
    source.sizeBytes,
  )
  const { blockSize, superBlock, dataBlock, endBlock } = header
  const offset = superBlock * blockSize
  const found = decodeFossilSuper(await source.read(offset, superBlockBytes), source.name, offset, endBlock - dataBlock)
  const warnings: string[] = []
  if (endBlock * blockSize > source.sizeBytes)
    warnings.push(
      `the header says that it ends at ${hexNumber(endBlock * blockSize)}, but the partition ends at ${hexNumber(source.sizeBytes)}: it was cut short`,
    )
  const label = await labelWarning(source, header, found)
  if (label !== null) warnings.push(label)
  const { label: text, last, isEmpty, archiving, epochLow, epochHigh } = found
  const configText = await readConfig(source)
  return { blockSize, superBlock, label: text, last, isEmpty, archiving, epochLow, epochHigh, configText, warnings }
}
