// Property tests draw the same cases in every run, so that a change is judged by what it did and not by the draw.
// FUZZ_SEED=random (or a number) draws others: worth an hour now and then, and whatever it finds becomes a test.

import * as fc from 'fast-check'

const wanted = process.env['FUZZ_SEED']

if (wanted !== 'random') fc.configureGlobal({ seed: wanted === undefined ? 20_261_123 : Number(wanted) })
