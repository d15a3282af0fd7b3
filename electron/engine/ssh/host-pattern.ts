// Patterns of OpenSSH: * stands for any text, ? for any one character. Authority: ssh_config(5) "PATTERNS", match.c. Time
// grows with the product of both lengths, never faster, whatever the pattern.

/** Letters count as they are; the caller lowers both where case does not matter. */
export function matchesPattern(text: string, pattern: string): boolean {
  let at = 0
  let next = 0
  /** Where to go on after a mismatch: the last star, and one character more under it. */
  let star = -1
  let under = 0
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next++
      under = at
    } else if (next < pattern.length && (pattern[next] === '?' || pattern[next] === text[at])) {
      next++
      at++
    } else if (star >= 0) {
      next = star + 1
      at = ++under
    } else return false
  }
  while (pattern[next] === '*') next++
  return next === pattern.length
}

/** Some pattern matches, and none of those that begin with an exclamation mark. */
export function matchesSome(text: string, patterns: readonly string[]): boolean {
  let isMatched = false
  for (const pattern of patterns) {
    const isNegated = pattern.startsWith('!')
    if (!matchesPattern(text, isNegated ? pattern.slice(1) : pattern)) continue
    if (isNegated) return false
    isMatched = true
  }
  return isMatched
}
