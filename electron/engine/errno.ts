// The system's own word for what went wrong (ENOENT, EACCES …), out of whatever Node threw.

/** Never empty; the error's text where it has no code. */
export function errnoOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? String(error)
}
