// Tests that kill, cut and guess at random do so half as often as they could, to keep the whole run short; with THOROUGH=1 in
// the environment, all of it.

export const thorough = process.env['THOROUGH'] === '1'

/** `count`, or half of it. */
export const timesOf = (count: number): number => (thorough ? count : Math.ceil(count / 2))
