// Where a path leads, before anything of it is opened for good: which bytes of which file or device. Reading and the one
// kind of writing (the 9fat) start from the same answer, so they cannot mean different places.

export type Place = {
  /** The path as the user gave it. */
  readonly name: string
  /** File or device that holds the bytes. */
  readonly file: string
  readonly offset: number
  /** null: to the end of the file. */
  readonly sizeBytes: number | null
}
