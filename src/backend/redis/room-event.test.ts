import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeSignal, parseRoomEvent } from './room-event.ts'

test('a change is read whole, whatever is in its body', () => {
  const body = '{"text":"two\\nlines"}\n c1 '
  assert.deepEqual(parseRoomEvent(`cepoch 12 tag-5 7 m-7\n${body}`), {
    type: 'change',
    change: { position: { epoch: 'epoch', seq: 12, tag: 'tag-5' }, message: { id: 'm-7', seq: 7, rev: 12, body } },
  })
})

test('a signal comes back as it was given', () => {
  for (const payload of ['', '{"type":"typing"}', 'c1']) {
    assert.deepEqual(parseRoomEvent(encodeSignal(payload)), { type: 'signal', payload })
  }
})

test('a marker, members and an epoch are told apart, and what a newer version publishes is nothing', () => {
  assert.deepEqual(parseRoomEvent('m12 u with spaces'), { type: 'marker', seq: 12, user: 'u with spaces' })
  assert.deepEqual(parseRoomEvent('p'), { type: 'members' })
  assert.deepEqual(parseRoomEvent('e'), { type: 'epoch' })
  assert.equal(parseRoomEvent('z?'), undefined)
  assert.equal(parseRoomEvent(''), undefined)
})
