import assert from 'node:assert/strict'
import { test } from 'node:test'
import { raceInTurn } from './race.ts'

/** Longer than any test. */
const FOR_EVER_MS = 2 ** 31 - 1

/** Never settles. */
const silence = (): Promise<never> => new Promise(() => {})

/** Attempts that are remembered, by what becomes of each. */
function attempts(fates: Readonly<Record<string, () => Promise<string>>>): {
  readonly made: string[]
  readonly attempt: (name: string) => Promise<string>
} {
  const made: string[] = []
  return {
    made,
    attempt(name) {
      made.push(name)
      return fates[name]?.() ?? silence()
    },
  }
}

test('where the first one answers, no other is asked', async () => {
  const { made, attempt } = attempts({ a: async () => 'from a' })
  assert.equal(await raceInTurn(['a', 'b'], attempt, FOR_EVER_MS), 'from a')
  assert.deepEqual(made, ['a'])
})

test('where one fails, the next is asked at once', async () => {
  const { made, attempt } = attempts({ a: () => Promise.reject(new Error('a')), b: async () => 'from b' })
  assert.equal(await raceInTurn(['a', 'b', 'c'], attempt, FOR_EVER_MS), 'from b')
  assert.deepEqual(made, ['a', 'b'])
})

test('where one says nothing, the next is asked too, and either may answer', async () => {
  const late = Promise.withResolvers<string>()
  const { made, attempt } = attempts({
    a: () => late.promise,
    b: silence,
    c: async () => (late.resolve('from a'), silence()),
  })
  assert.equal(await raceInTurn(['a', 'b', 'c', 'd'], attempt, 1), 'from a')
  assert.deepEqual(made.slice(0, 3), ['a', 'b', 'c'])
})

test('where all fail, it is told what the first one said, though that failed last', async () => {
  const late = Promise.withResolvers<string>()
  const { attempt } = attempts({
    a: () => late.promise,
    b: () => Promise.reject(new Error('b')),
    c: async () => {
      late.reject(new Error('a'))
      throw new Error('c')
    },
  })
  await assert.rejects(raceInTurn(['a', 'b', 'c'], attempt, 1), { message: 'a' })
})
