// Where in the tree a block was met, as a chain towards the root, made into text only for a fault. Names come from the
// archive: they are shown, never used as a path.

export type TreePath = { readonly parent: TreePath | null; readonly name: string; readonly depth: number }

const maxText = 4096

export const rootPath: TreePath = { parent: null, name: '', depth: 0 }

export function below(parent: TreePath, name: string): TreePath {
  return { parent, name, depth: parent.depth + 1 }
}

/** "/" for the root. A text beyond 4096 characters keeps its end. */
export function pathText(path: TreePath): string {
  if (path.parent === null) return '/'
  const names: string[] = []
  let length = 0
  for (let at = path; at.parent !== null; at = at.parent) {
    names.push(at.name)
    length += at.name.length + 1
    if (length > maxText) return `…${`/${names.toReversed().join('/')}`.slice(-maxText)}`
  }
  return `/${names.toReversed().join('/')}`
}
