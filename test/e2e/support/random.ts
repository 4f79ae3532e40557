/** Numbers from 0 up to 1 that a seed fixes (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The seed of this test run: from KILL_SEED, else a new one. Print it. */
export function killSeed(): number {
  const given = Number(process.env['KILL_SEED'])
  return Number.isSafeInteger(given) && given > 0 ? given : (Date.now() % 1_000_000) + 1
}
