// Block names. A Score is the SHA-1 of a block as 40 lower-case hex digits; a RootScore opens everything under it, so it
// has a brand of its own and cannot be passed where a plain score is logged (R10).

declare const scoreBrand: unique symbol
declare const rootBrand: unique symbol

export type Score = string & { readonly [scoreBrand]: true }
export type RootScore = string & { readonly [rootBrand]: true }

/** SHA-1 of nothing: means "empty block" in data structures and is never asked of a server. */
export const zeroScore = 'da39a3ee5e6b4b0d3255bfef95601890afd80709' as Score

export function isScore(text: string): text is Score {
  return /^[0-9a-f]{40}$/.test(text)
}

/** The form for logs, notifications and reports: vac:3223…368f. */
export function maskScore(score: Score | RootScore): string {
  return `vac:${score.slice(0, 4)}…${score.slice(-4)}`
}
