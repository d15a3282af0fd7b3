// Collects the licences of every package whose code got into the bundles, from the modules the bundler says it used, into one
// text that goes along with them, after that of the project itself. What is only used for building is not in it, because none
// of its code is.

import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const project = fileURLToPath(new URL('..', import.meta.url))
const licenceFile = /^(licen[cs]e|copying|notice)/i

/** The package's own folder of a module in node_modules; null: a module of this project or of the bundler. */
export function packageFolderOf(moduleId: string): string | null {
  const path = moduleId.replaceAll('\\', '/').replace(/^\0+/, '')
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? null
}

async function licenceOf(folder: string): Promise<{ readonly name: string; readonly text: string }> {
  const { name, version, license, licenses } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly version: string
    readonly license?: string
    /** As older packages write it. */
    readonly licenses?: readonly { readonly type: string }[]
  }
  const kinds = license ?? licenses?.map(({ type }) => type).join(' OR ')
  const files = (await readdir(folder)).filter((file) => licenceFile.test(file)).toSorted()
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  const head = `${name} ${version}${kinds === undefined ? '' : ` (${kinds})`}`
  return { name, text: [head, '-'.repeat(head.length), ...texts.map((text) => text.trim())].join('\n') }
}

export class LicenceBook {
  readonly #folders = new Set<string>()

  /** One for all environments of a build. */
  plugin(): Plugin {
    return {
      name: 'licences',
      generateBundle: (_options, bundle) => {
        for (const file of Object.values(bundle)) {
          if (file.type !== 'chunk') continue
          for (const id of file.moduleIds) {
            const folder = packageFolderOf(id)
            if (folder !== null) this.#folders.add(folder)
          }
        }
      },
    }
  }

  async write(path: string): Promise<void> {
    const [own, ...licences] = await Promise.all([project, ...this.#folders].map(licenceOf))
    const others = licences.toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
    await writeFile(path, `${[own, ...others].map((one) => one?.text).join('\n\n\n')}\n`)
  }
}
