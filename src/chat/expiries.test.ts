import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Expiries } from './expiries.ts'
import type { Expiring } from './expiries.ts'

function connectionUntil(expiresAt: number | undefined): Expiring & { readonly codes: number[] } {
  const codes: number[] = []
  return { expiresAt, codes, end: ({ code }) => codes.push(code) }
}

test('each ends once, when its time has come, in whatever order they were added', () => {
  const expiries = new Expiries()
  const connections = [5_000, 1_500, 1_200, undefined].map(connectionUntil)
  for (const connection of connections) expiries.add(connection)
  const ended = (): number[] => connections.map(({ codes }) => codes.length)
  expiries.sweep(1_900)
  assert.deepEqual(ended(), [0, 0, 0, 0])
  expiries.sweep(2_000)
  expiries.sweep(3_000)
  assert.deepEqual(ended(), [0, 1, 1, 0])
  expiries.sweep(500_000)
  assert.deepEqual(ended(), [1, 1, 1, 0])
})

test('one that was removed does not end, and one added after all others ended does', () => {
  const expiries = new Expiries()
  const [gone, late] = [connectionUntil(1_000), connectionUntil(9_000)]
  expiries.add(gone)
  expiries.remove(gone)
  expiries.sweep(2_000)
  expiries.add(late)
  expiries.sweep(9_000)
  assert.deepEqual([gone.codes, late.codes], [[], [4401]])
})
