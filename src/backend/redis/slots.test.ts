import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSlots, slotOf } from './slots.ts'

test('the slot of a key is that of its hash tag, as Redis has it', () => {
  // What CLUSTER KEYSLOT answers.
  assert.equal(slotOf('123456789'), 12_739)
  assert.equal(slotOf('foo'), 12_182)
  assert.equal(slotOf('natter:{foo}:head'), 12_182)
  assert.equal(slotOf('{foo}{bar}'), 12_182)
  assert.equal(slotOf('foo{}{bar}'), 8_363)
  assert.equal(slotOf(''), 0)
})

test('a primary without a name is the server that was asked', () => {
  const reply = [
    [0, 5_460, ['10.0.0.1', 7_000, 'one', []], ['10.0.0.4', 7_003, 'four', []]],
    [5_461, 16_383, ['', 7_001, 'two', []]],
  ]
  const [one, two, four] = [
    { host: '10.0.0.1', port: 7_000, id: 'one' },
    { host: 'redis.example', port: 7_001, id: 'two' },
    { host: '10.0.0.4', port: 7_003, id: 'four' },
  ]
  assert.deepEqual(parseSlots(reply, 'redis.example'), [
    { first: 0, last: 5_460, primary: one, replicas: [four] },
    { first: 5_461, last: 16_383, primary: two, replicas: [] },
  ])
})
