import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { isKey } from '../protocol/ids.ts'
import { createKeyMaker } from './uuidv7.ts'

test('keys are version 7 UUIDs that the protocol takes', () => {
  const makeKey = createKeyMaker({ now: () => Date.now(), randomBytes })
  for (let count = 0; count < 100; count++) {
    const key = makeKey()
    assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.ok(isKey(key))
  }
})

test('a key holds the time, as in the example of RFC 9562 A.6', () => {
  const makeKey = createKeyMaker({ now: () => 0x017f22e279b0, randomBytes })
  assert.ok(makeKey().startsWith('017f22e2-79b0-7'))
})

test('each key is greater than the one before it: within a millisecond, past its counter, and when the clock goes back', () => {
  const times = [5_000, 5_000, 5_001, 4_000, 3_000, 5_002]
  let index = 0
  const makeKey = createKeyMaker({
    now: () => times[index] ?? 5_002,
    randomBytes: (length) => new Uint8Array(length).fill(255),
  })
  const keys = [makeKey()]
  for (index = 1; index < 10_000; index++) keys.push(makeKey())
  assert.deepEqual(keys, keys.toSorted())
  assert.equal(new Set(keys).size, keys.length)
})

test('two tabs that begin in the same millisecond make different keys', () => {
  const [one, other] = [1, 2].map(() => createKeyMaker({ now: () => 1, randomBytes }))
  assert.notEqual(one?.(), other?.())
})
