// The 9fat of another day: a good wrcmd is taken over, and the article's own typo is refused with the arena that was meant.

import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../helpers/cli-process.ts'
import { diskIn, scriptLine, setWrcmd } from '../helpers/disk-syncs.ts'
import { expandFixture, healthyPartition, type ExpectedArena } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { BrowserHost } from './browser-host.ts'
import { placeIn } from './setup-by-request.ts'
import { testMs } from './waiting.ts'

beforeAll(buildCli)

const target = 'tcp!192.168.0.99!17034'

const [first] = healthyPartition('seed-geometry').arenas as [ExpectedArena]

async function lookAt(arenaOffset: number) {
  const folder = await scratchDir()
  const source = join(folder, 'arenas.img')
  await expandFixture('seed-geometry', source)
  const disk = await diskIn(folder)
  await setWrcmd(folder, disk.ninefat, `${scriptLine(target, arenaOffset, first.used)}\n`)
  const requests = await (await BrowserHost.start(join(folder, 'state'))).openRequests()
  const place = await placeIn(requests, disk.ninefat)
  return await requests.ask('wrcmd.look', { place, source: await placeIn(requests, source) })
}

describe('a wrcmd that is there already', { timeout: testMs }, () => {
  test('is taken over where it is right', async () => {
    const { arena, canImport, problems, command } = await lookAt(first.start)
    expect({ arena, canImport, problems }).toEqual({ arena: first.name, canImport: true, problems: [] })
    expect(command).toMatchObject({ host: target, arenaOffset: first.start, clumpOffset: first.used })
  })

  test('is refused with the typo of the article, and the offset that was meant is named', async () => {
    const { arena, canImport, problems } = await lookAt(53_766_536)
    expect([arena, canImport]).toEqual([null, false])
    expect(problems.map(({ message }) => message).join(' ')).toMatch(/537665536/)
  })
})
