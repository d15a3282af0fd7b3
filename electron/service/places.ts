// Paths the user chose, by id: the window speaks of places it was given and cannot make one up. Ids are random, so that one
// of an earlier run of the program means nothing now.

import { randomUUID } from 'node:crypto'
import { AppError } from '../../shared/errors.ts'
import type { Place, PlaceId } from '../../shared/model/window.ts'

export class PlaceBook {
  readonly #paths = new Map<PlaceId, string>()
  readonly #ids = new Map<string, PlaceId>()

  /** The same path keeps its id. */
  add(path: string): Place {
    const known = this.#ids.get(path)
    const id = known ?? (randomUUID() as string as PlaceId)
    this.#ids.set(path, id)
    this.#paths.set(id, path)
    return { id, path }
  }

  /** Rejects with usage. */
  pathOf(id: PlaceId): string {
    const path = this.#paths.get(id)
    if (path !== undefined) return path
    throw new AppError('usage', 'this place was not chosen in this session', {
      data: { safe: 'Nothing was opened.', next: 'Choose the file, partition or folder again.' },
    })
  }
}
