// The story the demo tells, step by step, each with its checks: what a person with two ventis goes through in a week. The
// image at one path changes from day to day, as a live partition would. Numbers come from sample.ts, evidence from
// blocks.ts: the target is asked for every block, and its file is scanned for blocks nobody meant to be there.

import { open } from 'node:fs/promises'
import { assert } from '../../../shared/assert.ts'
import { cancelledError } from '../../../shared/errors.ts'
import { exitStatusOf, type SyncResult } from '../../../shared/model/run.ts'
import { formatBytes, formatCount } from '../../../shared/text/format.ts'
import { arenaRows, damageLines } from '../arena-listing.ts'
import { listSource } from '../commands/arenas.ts'
import type { CommandContext } from '../context.ts'
import { syncLines } from '../sync-summary.ts'
import { playBookkeeping } from './bookkeeping-scene.ts'
import { blockLines, blocksHash, clumpsOf, readBack } from './blocks.ts'
import { putDay, sampleArenaOffsets, sampleArenas, sampleDays, type SampleDay } from './sample.ts'
import type { Stage, Target } from './stage.ts'
import { Step, type StepResult } from './step.ts'
import { playVerification } from './verify-scene.ts'

const [day1, day2, day3] = sampleDays
const mirror = 'sample'
/** What "nothing new" may read: heads, tails and the table, not the log. */
const smallReadBytes = 128 * 1024
/** Slow enough that the copy is cut in its middle. */
const interruptedRate = 2 * 1024 * 1024
const interruptedAt = 0.4

export class Story {
  readonly #stage: Stage
  readonly #context: CommandContext
  readonly #steps: StepResult[] = []

  constructor(stage: Stage, context: CommandContext) {
    this.#stage = stage
    this.#context = context
  }

  async tell(): Promise<readonly StepResult[]> {
    await this.#step('Arena map: what is on the partition', (step) => this.#arenaMap(step))
    const target = await this.#stage.target('target')
    await this.#step('Bulk copy: everything to an empty venti', (step) => this.#bulkCopy(step, target))
    await this.#step('Nothing new: the same again', (step) => this.#nothingNew(step, target))
    await this.#step("A day's increment", (step) => this.#increment(step, target))
    await this.#step('Arena rollover: two arenas fill up', (step) => this.#rollover(step, target))
    await this.#step('Verification: can the backup be read?', (step) =>
      playVerification(step, this.#stage, target, this.#context),
    )
    await this.#step('Interrupted: a copy that is cut off goes on where it was', (step) =>
      this.#interrupted(step, target),
    )
    await this.#step('Bookkeeping: wrcmd and rootscor follow, for the scripts', (step) =>
      playBookkeeping(step, this.#stage, this.#context),
    )
    await this.#step('Damage: a bad block is left out, reported, and healed later', (step) => this.#damage(step))
    return this.#steps
  }

  async #step(title: string, play: (step: Step) => Promise<void>): Promise<void> {
    if (this.#context.signal.aborted) throw cancelledError()
    const step = new Step(this.#steps.length + 1, title, this.#context.report)
    await play(step)
    this.#steps.push(step.result())
  }

  async #arenaMap(step: Step): Promise<void> {
    await putDay(1, this.#stage.imagePath)
    step.say('A real arena partition, made by the venti programs; its offsets are what wrarena -o wants.')
    step.command(`arenas ${this.#stage.imagePath} --check`)
    const { listing } = await listSource(this.#stage.imagePath, true, this.#context)
    step.lines(arenaRows(listing.arenas))
    const blocks = listing.arenas.reduce((sum, arena) => sum + arena.clumps, 0)
    step.equal('arenas', listing.arenas.length, sampleArenas)
    step.equal('offsets', listing.arenas.map(({ offset }) => offset).join(' '), sampleArenaOffsets.join(' '))
    step.equal('end offset of the arena in use', listing.arenas[0]?.endOffset ?? '', day1.endOffsets[0] ?? '')
    step.equal('blocks, each checked against its score', blocks, day1.blocks)
    step.equal('damage', listing.damage.length, 0)
  }

  async #bulkCopy(step: Step, target: Target): Promise<void> {
    step.say('A venti server of this program, on a file; yours would be another machine.')
    const result = await this.#sync(step, target)
    this.#sent(step, result, day1, day1.newBlocks)
    await this.#complete(step, target, day1)
  }

  async #nothingNew(step: Step, target: Target): Promise<void> {
    const result = await this.#sync(step, target)
    step.equal('blocks sent', sentBy(result), 0)
    const { bytesRead } = result
    const small = bytesRead <= smallReadBytes
    step.holds('read of the source', small, formatBytes(bytesRead), `at most ${formatBytes(smallReadBytes)}`)
    step.equal('exit status', exitStatusOf(result), 0)
  }

  async #increment(step: Step, target: Target): Promise<void> {
    await putDay(2, this.#stage.imagePath)
    step.say('The next day the arena in use has grown. Only what is new goes out.')
    const result = await this.#sync(step, target)
    this.#sent(step, result, day2, day2.newBlocks)
    await this.#complete(step, target, day2)
  }

  async #rollover(step: Step, target: Target): Promise<void> {
    await putDay(3, this.#stage.imagePath)
    step.say('Two arenas are full by now. By hand, two numbers in wrcmd would have to be changed, twice.')
    const result = await this.#sync(step, target)
    const handovers = result.rollovers.map(({ fromArena, toArena }) => `${fromArena} to ${toArena}`)
    step.equal('rollovers', handovers.join(', '), 'arenas0 to arenas1, arenas1 to arenas2')
    this.#sent(step, result, day3, day3.newBlocks)
    const ends = result.targets[0]?.arenas.map(({ to }) => `0x${to.toString(16)}`) ?? []
    step.equal('saved positions', ends.join(' '), day3.endOffsets.join(' '))
    await this.#complete(step, target, day3)
  }

  async #interrupted(step: Step, whole: Target): Promise<void> {
    const target = await this.#stage.target('second')
    const cut = new AbortController()
    step.say('Another empty venti, over a slow line; somebody presses Ctrl-C in the middle.')
    step.command(`sync ${this.#stage.imagePath} --to ${target.dial} --limit 2m`)
    const first = await this.#stage.sync(target, 'second', {
      limitBytesPerSecond: interruptedRate,
      checkpointMs: 300,
      signal: AbortSignal.any([cut.signal, this.#context.signal]),
      onProgress: ({ targets }) => {
        const [one] = targets
        if (one !== undefined && one.bytesDone > one.bytesTotal * interruptedAt) cut.abort()
      },
    })
    step.lines(syncLines(first))
    const before = sentBy(first)
    step.equal('interrupted', first.cancelled, true)
    step.holds(
      'blocks sent before',
      before > 0 && before < day3.blocks,
      before,
      `some, not ${formatCount(day3.blocks)}`,
    )
    const second = await this.#sync(step, target, 'second')
    const again = before + sentBy(second) - day3.blocks
    step.equal('exit status of the second run', exitStatusOf(second), 0)
    step.holds('blocks sent twice', again >= 0 && again < before, again, `fewer than ${formatCount(before)}`)
    await this.#complete(step, target, day3)
    const [mine, other] = await Promise.all([clumpsOf(target.path), clumpsOf(whole.path)])
    const same = blockLines(mine).join() === blockLines(other).join()
    step.equal('same blocks as on the target that was never interrupted', same, true)
  }

  async #damage(step: Step): Promise<void> {
    const target = await this.#stage.target('third')
    const { imagePath } = this.#stage
    const victim = (await clumpsOf(imagePath)).find(({ arena, index }) => arena === 'arenas1' && index === 100)
    assert(victim !== undefined, 'the sample has a block 100 in arenas1')
    await flipBit(imagePath, victim.dataOffset + Math.floor(victim.storedSize / 2))
    step.say('One bit of one block on the disk has flipped. Copying goes on around it.')
    const result = await this.#sync(step, target, 'third')
    const [found] = result.damage
    step.equal('damage found', result.damage.length, 1)
    step.equal('where', `${found?.arena} ${found?.offset}`, `${victim.arena} ${victim.offset}`)
    step.equal('which block', found?.score ?? '', victim.score)
    step.equal('blocks sent', sentBy(result), day3.blocks - 1)
    step.equal('exit status', exitStatusOf(result), 3)
    step.equal('the bad block on the target', (await readBack(target.dial, [victim])).whole, 0)
    await putDay(3, imagePath)
    step.say('The disk is repaired: the next sync sends just that block, and the report is clean again.')
    const healed = await this.#sync(step, target, 'third')
    step.equal('blocks sent', sentBy(healed), 1)
    step.equal('damage left', healed.damage.length, 0)
    step.equal('exit status', exitStatusOf(healed), 0)
    await this.#complete(step, target, day3)
  }

  async #sync(step: Step, target: Target, name: string = mirror): Promise<SyncResult> {
    step.command(`sync ${this.#stage.imagePath} --to ${target.dial}`)
    const result = await this.#stage.sync(target, name)
    step.lines([...syncLines({ ...result, damage: [] }), ...damageLines(result.damage)])
    return result
  }

  #sent(step: Step, result: SyncResult, day: SampleDay, blocks: number): void {
    step.equal(`blocks sent on day ${day.day}`, sentBy(result), blocks)
    step.equal('exit status', exitStatusOf(result), 0)
  }

  /** Every block of the day comes back from the server, and its file holds these and no others. */
  async #complete(step: Step, target: Target, day: SampleDay): Promise<void> {
    const blocks = await clumpsOf(this.#stage.imagePath)
    const { whole } = await readBack(target.dial, blocks)
    step.equal('blocks read back from the target and hashed', whole, day.blocks)
    const stored = blocksHash(blockLines(await clumpsOf(target.path)))
    step.equal("the target's set of blocks (SHA-256 of the list)", stored.slice(0, 16), day.blocksHash.slice(0, 16))
  }
}

function sentBy(result: SyncResult): number {
  return result.targets.reduce((sum, target) => sum + target.sent, 0)
}

async function flipBit(path: string, offset: number): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const byte = Buffer.alloc(1)
    await file.read(byte, 0, 1, offset)
    byte[0] = (byte[0] as number) ^ 0x10
    await file.write(byte, 0, 1, offset)
  } finally {
    await file.close()
  }
}
