import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryDelayMs } from './backoff.ts'

test('the bound of the wait doubles from half a second to half a minute', () => {
  const bounds = [0, 1, 2, 3, 4, 5, 6, 7, 100].map((attempt) => retryDelayMs(attempt, 1))
  assert.deepEqual(bounds, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
})

test('the wait is anything up to the bound', () => {
  assert.equal(retryDelayMs(3, 0), 0)
  assert.equal(retryDelayMs(3, 0.25), 1_000)
})
