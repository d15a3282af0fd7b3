// node build/scripts/icons.mjs: draws build/package/icons, icon.icns and icon.ico anew from renderer/icon.svg, in Chromium. Run
// by hand when the picture changes; what it makes is kept, so that packaging needs no browser.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { fail, inProject, say } from './project.mjs'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const sizes = [16, 32, 48, 64, 128, 256, 512]
/** Only in the icns: Linux knows no folder of that size. */
const largest = 1024
/** Kinds of pictures in an icns file that hold a PNG, by its size. */
const icnsKinds = new Map([
  [32, 'ic11'],
  [64, 'ic12'],
  [128, 'ic07'],
  [256, 'ic08'],
  [512, 'ic09'],
  [largest, 'ic10'],
])
const icoSizes = [16, 32, 48, 64, 128, 256]

async function draw() {
  const browser = await chromium.launch({ executablePath }).catch((error) => fail(`no Chromium: ${error.message}`))
  const svg = readFileSync(inProject('renderer', 'icon.svg')).toString('base64')
  const pictures = new Map()
  for (const size of [...sizes, largest]) {
    const page = await browser.newPage({ viewport: { width: size, height: size } })
    const style = `margin:0;width:${size}px;height:${size}px;background:url(data:image/svg+xml;base64,${svg}) 0 0 / 100% 100%`
    await page.setContent(`<body style="${style}"></body>`)
    pictures.set(size, await page.screenshot({ omitBackground: true }))
    await page.close()
  }
  await browser.close()
  return pictures
}

/** Apple's container: "icns", length, then each picture as kind, length, PNG; big-endian, lengths with their heads. */
function icns(pictures) {
  const parts = [...icnsKinds].map(([size, kind]) => {
    const png = pictures.get(size)
    const head = Buffer.from(`${kind}....`)
    head.writeUInt32BE(png.length + head.length, 4)
    return Buffer.concat([head, png])
  })
  const body = Buffer.concat(parts)
  const head = Buffer.from('icns....')
  head.writeUInt32BE(body.length + head.length, 4)
  return Buffer.concat([head, body])
}

/** Microsoft's container: 6 bytes of head, 16 for each picture, then the PNGs; little-endian, 256 written as 0. */
function ico(pictures) {
  const head = Buffer.alloc(6)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(icoSizes.length, 4)
  let offset = head.length + 16 * icoSizes.length
  const entries = icoSizes.map((size) => {
    const entry = Buffer.alloc(16)
    entry.writeUInt8(size % 256, 0)
    entry.writeUInt8(size % 256, 1)
    entry.writeUInt16LE(1, 4)
    entry.writeUInt16LE(32, 6)
    entry.writeUInt32LE(pictures.get(size).length, 8)
    entry.writeUInt32LE(offset, 12)
    offset += pictures.get(size).length
    return entry
  })
  return Buffer.concat([head, ...entries, ...icoSizes.map((size) => pictures.get(size))])
}

const pictures = await draw()
const folder = inProject('build', 'package')
mkdirSync(`${folder}/icons`, { recursive: true })
for (const size of sizes) writeFileSync(`${folder}/icons/${size}x${size}.png`, pictures.get(size))
writeFileSync(`${folder}/icon.icns`, icns(pictures))
writeFileSync(`${folder}/icon.ico`, ico(pictures))
say(`drew ${sizes.length} sizes into build/package`)
