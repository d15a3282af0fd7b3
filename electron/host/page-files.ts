// The page: its few files, read once when the host starts. Only these names exist afterwards, so no request can lead
// anywhere else on the disk, and a build that replaces them never mixes with a page that is being loaded.

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { AppError } from '../../shared/errors.ts'

export type PageFile = {
  readonly bytes: Buffer
  readonly type: string
  readonly etag: string
  /** Its name holds a hash of its content. */
  readonly isImmutable: boolean
}
/** By the path in the URL; "/" is the page itself. */
export type PageFiles = ReadonlyMap<string, PageFile>

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
}

function noPage(folder: string, cause: unknown): AppError {
  const next = 'Build it with "npm run build", or install the program anew.'
  return new AppError('source-open', `the window's page is not in ${folder}`, {
    data: { path: folder, safe: 'Nothing was started.', next },
    cause,
  })
}

/** Rejects with source-open when there is no page in `folder`. */
export async function readPageFiles(folder: string): Promise<PageFiles> {
  const files = new Map<string, PageFile>()
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true })
    for (const entry of entries) {
      const type = types[extname(entry.name)]
      if (!entry.isFile() || type === undefined) continue
      const path = join(entry.parentPath, entry.name)
      const name = relative(folder, path).replaceAll(sep, '/')
      const bytes = await readFile(path)
      const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
      files.set(`/${name}`, { bytes, type, etag, isImmutable: name.startsWith('assets/') })
    }
  } catch (error) {
    throw noPage(folder, error)
  }
  const page = files.get('/index.html')
  if (page === undefined) throw noPage(folder, undefined)
  files.delete('/index.html')
  return files.set('/', page)
}
