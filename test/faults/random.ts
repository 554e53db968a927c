import type { TestContext } from 'node:test'

/** Chance that can be repeated: the same seed makes the same choices. */
export interface Random {
  /** From 0 up to 1. */
  next(): number
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number
  /** One of `items`; undefined where there is none. */
  pick<T>(items: readonly T[]): T | undefined
}

/** Chance for one test, by the seed in the variable `SEED` or another each time; the test's report names it. */
export function seedRandom(t: TestContext): Random {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 32))
  t.diagnostic(`repeat with SEED=${seed}`)
  return createRandom(seed)
}

/** Mulberry32. */
function createRandom(seed: number): Random {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(next() * end)
  return { next, below, pick: (items) => items[below(items.length)] }
}
