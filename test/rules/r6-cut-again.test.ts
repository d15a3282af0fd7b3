// R6 on top of what a cut has left: the next run is cut as well, everywhere, and the one after it still comes to its end.

import { describe, expect, test, vi } from 'vitest'
import { cutStates, withOverlay } from '../helpers/cut-disk.ts'
import { editImage, runTrial, type Wish } from '../helpers/cut-trial.ts'
import { buildCutVolume, longerLine, rootLines, type CutVolume } from '../helpers/cut-volumes.ts'
import { inspectFat } from '../helpers/plain-fat.ts'

// fsck.fat is started some thousand times, and other tests may be running.
vi.setConfig({ testTimeout: 60_000 })

const set = (text: string): Wish => ({ name: 'wrcmd', kind: 'replace', text })
const append = (text: string): Wish => ({ name: 'rootscor', kind: 'append', text })

describe('an edit on top of what a cut has left', () => {
  const volume: CutVolume = { rootscor: rootLines(6), free: [341, 342, 682, 1706, 2389, 2390] }
  const first = [append(rootLines(2, 50))]

  /** The states of the first edit that need clearing, the worst of each kind. */
  async function leftovers(): Promise<readonly Uint8Array[]> {
    const image = buildCutVolume(volume)
    const { disk } = await editImage(image, first)
    const states = cutStates(image, disk.events).map((overlay) => withOverlay(image, overlay))
    const seen = new Set<string>()
    return states.filter((state) => {
      const { lost, differing, files } = inspectFat(state)
      const kind = `${lost.length} ${differing.length} ${files.get('ROOTSCOR')!.chain.length}`
      if (lost.length + differing.length === 0 || seen.has(kind)) return false
      seen.add(kind)
      return true
    })
  }

  test('is cut again at any point and still finishes', async () => {
    const states = await leftovers()
    expect(states.length).toBeGreaterThan(3)
    for (const image of states) {
      await runTrial({ image, wishes: [set(longerLine)], isClean: false, startsCut: true })
    }
  })

  test('says what it cleared away', async () => {
    const [state] = await leftovers()
    const { result } = await editImage(state!, [set(longerLine)])
    expect(result.recovered.join()).toMatch(/interrupted edit left clusters? /)
  })
})
