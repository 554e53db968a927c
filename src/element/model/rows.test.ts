import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoredMessage, TimelineMessage } from '../../client/types.ts'
import type { Key, MessageId, Seq, UserId } from '../../protocol/ids.ts'
import { toRows } from './rows.ts'

const MINUTE = 60_000
const NOON = new Date(2026, 2, 1, 12).getTime()

const allOf = (messages: readonly TimelineMessage[], unreadFrom?: number) =>
  toRows(messages, { start: 0, end: messages.length }, unreadFrom as Seq | undefined, [])
const at = (seq: number, postedAt: number, name = 'Ann') =>
  messageAt(seq, { postedAt, author: { id: name as UserId, name } })

test('messages of one author within five minutes stand in one group', () => {
  const rows = allOf([
    at(1, NOON),
    at(2, NOON + 5 * MINUTE),
    at(3, NOON + 10 * MINUTE + 1),
    at(4, NOON + 11 * MINUTE, 'Bob'),
    at(5, NOON + 11 * MINUTE),
  ])
  assert.deepEqual(
    rows.map(({ startsGroup }) => startsGroup),
    [true, false, true, true, true],
  )
})

test('a new name starts a group, though the user is the same', () => {
  const renamed = messageAt(2, { postedAt: NOON, author: { id: 'Ann' as UserId, name: 'Annie' } })
  assert.equal(allOf([at(1, NOON), renamed])[1]?.startsGroup, true)
})

test('a day starts at local midnight, and with it a group', () => {
  const midnight = new Date(2026, 2, 2).getTime()
  const rows = allOf([
    at(1, midnight - 2 * MINUTE),
    at(2, midnight - MINUTE),
    at(3, midnight),
    at(4, midnight + MINUTE),
  ])
  assert.deepEqual(
    rows.map(({ startsDay, startsGroup }) => [startsDay, startsGroup]),
    [
      [true, true],
      [false, false],
      [true, true],
      [false, false],
    ],
  )
})

test('a clock that is behind does not bring a past day back', () => {
  const rows = allOf([at(1, NOON), at(2, NOON - 24 * 60 * MINUTE), at(3, NOON)])
  assert.deepEqual(
    rows.map(({ startsDay }) => startsDay),
    [true, false, false],
  )
})

test('the first unread message breaks the group it is in', () => {
  const rows = allOf(
    [1, 2, 3, 4].map((seq) => messageAt(seq)),
    3,
  )
  assert.deepEqual(
    rows.map(({ startsUnread, startsGroup }) => [startsUnread, startsGroup]),
    [
      [false, true],
      [false, false],
      [true, true],
      [false, false],
    ],
  )
})

test('the message before the first row tells how that row stands', () => {
  const [first] = toRows(
    [1, 2, 3, 4].map((seq) => messageAt(seq)),
    { start: 1, end: 4 },
    undefined,
    [],
  )
  assert.equal(first?.startsDay, false)
  assert.equal(first?.startsGroup, false)
})

test('rows that did not change are the same objects', () => {
  const messages = [1, 2, 3, 4].map((seq) => messageAt(seq))
  const before = allOf(messages)
  const edited = messages.with(1, { ...messageAt(2), text: 'edited' })
  const after = toRows(edited, { start: 0, end: 4 }, undefined, before)
  assert.deepEqual(
    after.map((row, index) => row === before[index]),
    [true, false, true, true],
  )
})

function messageAt(seq: number, rest: Partial<StoredMessage> = {}): StoredMessage {
  return {
    uid: `u${seq}`,
    mine: false,
    delivery: { status: 'stored' },
    id: `m${seq}` as MessageId,
    seq: seq as Seq,
    key: `key-${seq}` as Key,
    author: { id: 'ann' as UserId, name: 'Ann' },
    text: `text ${seq}`,
    postedAt: NOON + seq * 1_000,
    ...rest,
  }
}
