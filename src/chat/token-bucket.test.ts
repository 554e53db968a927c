import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TokenBucket } from './token-bucket.ts'

test('a bucket lets its burst through, then says how long until the next', () => {
  const bucket = new TokenBucket({ burst: 2, perMs: 10_000 }, 0)
  assert.deepEqual([bucket.take(0), bucket.take(0), bucket.take(0)], [0, 0, 5_000])
  assert.equal(bucket.take(4_000), 1_000)
  assert.equal(bucket.take(5_000), 0)
})

test('a bucket that rests holds no more than its burst', () => {
  const bucket = new TokenBucket({ burst: 2, perMs: 10_000 }, 0)
  assert.deepEqual([bucket.take(1e9), bucket.take(1e9), bucket.take(1e9)], [0, 0, 5_000])
})

test('a burst of 0 is no limit', () => {
  const bucket = new TokenBucket({ burst: 0, perMs: 10_000 }, 0)
  assert.ok(Array.from({ length: 100 }, () => bucket.take(0)).every((wait) => wait === 0))
})
