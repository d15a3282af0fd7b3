// A token bucket: how long to wait before so many bytes may go.

export type RateLimit = {
  /** Milliseconds until `bytes` may be sent; 0 takes them at once. */
  take(bytes: number, nowMs: number): number
}

/** `bytesPerSecond` on average, with bursts of a tenth of a second. */
export function rateLimit(bytesPerSecond: number): RateLimit {
  const burst = bytesPerSecond / 10
  let tokens = burst
  let last: number | null = null
  return {
    take(bytes, nowMs) {
      if (last !== null) tokens = Math.min(burst, tokens + ((nowMs - last) / 1000) * bytesPerSecond)
      last = nowMs
      // A block larger than the burst goes when the bucket is full, and leaves it in debt.
      if (tokens >= Math.min(bytes, burst)) {
        tokens -= bytes
        return 0
      }
      return Math.max(1, Math.ceil(((Math.min(bytes, burst) - tokens) / bytesPerSecond) * 1000))
    },
  }
}
