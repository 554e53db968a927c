import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeSignal, parseRoomEvent } from './room-event.ts'

const BODY = '{"text":"two\\nlines"}\n c1 '
const CHANGE = {
  position: { epoch: 'epoch', seq: 12, tag: 'tag-5' },
  message: { id: 'm 7', seq: 7, rev: 12, body: BODY },
}

test('a change is read whole, whatever is in its body, with the tag of the one before it', () => {
  assert.deepEqual(parseRoomEvent(`aepoch 12 tag-5 tag-4 7 m 7\n${BODY}`), {
    type: 'change',
    linked: { change: CHANGE, before: 'tag-4' },
  })
})

test('before the first change there is none', () => {
  const event = parseRoomEvent('aepoch 1 tag-1  1 m-1\n{}')
  assert.ok(event?.type === 'change')
  assert.deepEqual([event.linked.before, event.linked.change.message.id], ['', 'm-1'])
})

test('a change as an earlier version publishes it is read, and does not say what was before it', () => {
  assert.deepEqual(parseRoomEvent(`cepoch 12 tag-5 7 m 7\n${BODY}`), {
    type: 'change',
    linked: { change: CHANGE, before: undefined },
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
