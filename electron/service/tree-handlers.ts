// Directories and files of an archive on a target, read as they are asked for. Nothing is written anywhere, and nothing that
// is read is executed or made into a path.

import { AppError } from '../../shared/errors.ts'
import type { Preview } from '../../shared/model/window.ts'
import type { ServiceContext } from './context.ts'
import { plainPath } from './directory-listing.ts'
import type { Handlers } from './handlers.ts'
import type { OpenTree, OpenTrees } from './open-trees.ts'
import { readsAsText } from './reads-as-text.ts'

const previewBytes = 64 * 1024

async function previewOf({ tree, listings }: OpenTree, asked: string, offset: number): Promise<Preview> {
  const path = plainPath(asked)
  const file = await listings.file(path)
  if (offset > file.size) throw new AppError('usage', `this file ends at ${file.size}, before ${offset}`)
  const bytes = await tree.data(file).read(offset, previewBytes)
  const isText = readsAsText(bytes, { isStart: offset === 0, isEnd: offset + bytes.length >= file.size })
  return { path, size: file.size, offset, bytes: Buffer.from(bytes).toString('base64'), isText }
}

export function treeHandlers(context: ServiceContext, trees: OpenTrees): Pick<Handlers, 'tree.list' | 'tree.preview'> {
  return {
    'tree.list': async ({ root, dial, path, from, count }) => {
      const score = context.roots.scoreOf(root)
      return await trees.use(score, dial, async ({ listings }) => await listings.page(path, from, count))
    },
    'tree.preview': async ({ root, dial, path, offset }) => {
      const score = context.roots.scoreOf(root)
      return await trees.use(score, dial, async (open) => await previewOf(open, path, offset))
    },
  }
}
