// A listing of an archive, as it is read: a directory may claim any number of names, so only the beginning of each is held,
// to sort it, all of them within one bound; and a consumer that stops early reads no further (R9).

import type { ListedFile } from '../../../shared/model/listing.ts'
import type { TreeProblem } from '../../../shared/model/verify.ts'
import { modeLetters } from '../vac/mode.ts'
import type { VacTree } from '../vac/tree.ts'
import type { VacFile } from '../vac/vac-file.ts'

export type ListedOrProblem =
  { readonly kind: 'entry'; readonly entry: ListedFile } | { readonly kind: 'problem'; readonly problem: TreeProblem }

export type ListOptions = { readonly recursive: boolean }

/** Directories come sorted as long as they fit in here together; larger ones begin sorted and go on as they are stored. */
const maxHeldBytes = 16 * 1024 * 1024
const bytesOfFile = 512
const maxDepth = 500
const permissionBits = 0o777

/** Rejects with what looking a path up rejects with, and when the venti fails. */
export async function* listTree(
  tree: VacTree,
  path: string,
  options: ListOptions,
): AsyncGenerator<ListedOrProblem, void, void> {
  const found = await tree.lookup(path)
  if (found.isDirectory) yield* listFolder(tree, { file: found, path: '' }, { ...options, leftBytes: maxHeldBytes }, 1)
  else yield* shown({ file: found, path: found.name })
}

/** How many bytes of files may still be held. */
type Held = ListOptions & { leftBytes: number }

type Item = { readonly file: VacFile; readonly path: string }

async function* listFolder(
  tree: VacTree,
  { file: directory, path }: Item,
  held: Held,
  depth: number,
): AsyncGenerator<ListedOrProblem, void, void> {
  const prefix = path === '' ? '' : `${path}/`
  const first: VacFile[] = []
  let taken = 0
  let isSorted = false
  for await (const listed of tree.list(directory)) {
    if (listed.kind === 'problem') {
      yield { kind: 'problem', problem: { path: listed.path, message: listed.message } }
      continue
    }
    if (isSorted) {
      yield* listOne(tree, { file: listed.file, path: prefix + listed.file.name }, held, depth)
      continue
    }
    const bytes = heldBytesOf(listed.file)
    first.push(listed.file)
    taken += bytes
    held.leftBytes -= bytes
    if (held.leftBytes > 0) continue
    isSorted = true
    for (const file of sorted(first)) yield* listOne(tree, { file, path: prefix + file.name }, held, depth)
    first.length = 0
  }
  for (const file of sorted(first)) yield* listOne(tree, { file, path: prefix + file.name }, held, depth)
  held.leftBytes += taken
}

async function* listOne(
  tree: VacTree,
  item: Item,
  held: Held,
  depth: number,
): AsyncGenerator<ListedOrProblem, void, void> {
  yield* shown(item)
  if (!held.recursive || !item.file.isDirectory || item.file.problem !== null) return
  if (depth < maxDepth) yield* listFolder(tree, item, held, depth + 1)
  else {
    const message = `it is more than ${maxDepth} folders deep: what is below is not listed`
    yield { kind: 'problem', problem: { path: item.file.path, message } }
  }
}

export function listedFile(file: VacFile, path: string): ListedFile {
  const { mode, uid, gid, mid, size, mtime } = file
  const permissions = (mode & permissionBits).toString(8)
  return { path, kind: kindOf(file), letters: modeLetters(mode), mode: permissions, uid, gid, mid, size, mtime }
}

function* shown({ file, path }: Item): Generator<ListedOrProblem, void, void> {
  const { problem } = file
  yield { kind: 'entry', entry: listedFile(file, path) }
  if (problem !== null) yield { kind: 'problem', problem: { path: problem.path, message: problem.message } }
}

function kindOf(file: VacFile): ListedFile['kind'] {
  if (file.isDirectory) return 'directory'
  if (file.isSymlink) return 'symlink'
  if (file.isDevice) return 'device'
  return file.isPipe ? 'pipe' : 'file'
}

function heldBytesOf({ nameBytes, path, uid, gid, mid }: VacFile): number {
  return bytesOfFile + 2 * (nameBytes.length + path.length + uid.length + gid.length + mid.length)
}

function sorted(files: readonly VacFile[]): readonly VacFile[] {
  return files.toSorted((a, b) => Buffer.compare(a.nameBytes, b.nameBytes))
}
