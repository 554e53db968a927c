import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Seq } from '../../src/protocol/ids.ts'
import { revisionOf } from '../../src/protocol/message.ts'
import { fill, numbered } from './fill.ts'
import { enter, greet } from './peer.ts'
import type { Peer } from './peer.ts'
import { findTarget, newKey, newRoom } from './target.ts'

const texts = (messages: readonly { readonly text: string }[]): string[] => messages.map(({ text }) => text)

test('joining an empty room says that there is nothing, and who is here', async (t) => {
  const room = newRoom()
  const peer = await greet(t, await findTarget(t), 'Ada')
  const joined = await peer.join(room)
  assert.deepEqual(
    { ...joined, position: joined.position.seq, members: joined.members?.map(({ name }) => name) },
    {
      type: 'joined',
      id: 2,
      room,
      resumed: false,
      position: 0,
      head: 0,
      messages: [],
      hasOlder: false,
      readSeq: 0,
      count: 1,
      members: ['Ada'],
    },
  )
})

test('joining without a position brings the newest page, oldest first', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  await fill(t, url, room, numbered(60))
  const peer = await greet(t, url)
  const joined = await peer.join(room)
  assert.deepEqual(texts(joined.messages), numbered(60).slice(10))
  assert.deepEqual([joined.resumed, joined.hasOlder, joined.head, joined.position.seq], [false, true, 60, 60])
  const short = await peer.ask('joined', { type: 'join', room, limit: 3 })
  assert.deepEqual(texts(short.messages), ['58', '59', '60'])
  const whole = await peer.ask('joined', { type: 'join', room, limit: 100 })
  assert.deepEqual([whole.messages.length, whole.hasOlder], [60, false])
})

test('resuming at the head brings nothing', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const [ack] = await fill(t, url, room, ['one'])
  const peer = await greet(t, url)
  const joined = await peer.join(room, ack!.position)
  assert.deepEqual([joined.resumed, joined.messages, joined.position], [true, [], ack!.position])
  assert.equal('hasOlder' in joined, false)
})

test('resuming brings what changed since, by rev, each message once in its newest state', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const writer = await enter(t, url, room)
  const [one, two] = [await writer.post(room, 'one'), await writer.post(room, 'two')]
  await writer.post(room, 'three')
  for (const text of ['One', 'ONE'])
    await writer.ask('ack', { type: 'edit', room, key: newKey(), messageId: one.messageId, text })
  const joined = await (await greet(t, url)).join(room, two.position)
  assert.equal(joined.resumed, true)
  assert.deepEqual(
    joined.messages.map((message) => [message.text, message.seq, revisionOf(message)]),
    [
      ['three', 3, 3],
      ['ONE', 1, 5],
    ],
  )
  assert.equal(joined.position.seq, 5)
})

test('a reader that was away for longer than a page is brought to the head without a gap', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const [first] = await fill(t, url, room, numbered(260))
  const peer = await greet(t, url)
  const joined = await peer.join(room, first!.position)
  const got = texts(joined.messages)
  let { position } = joined
  while (position.seq < joined.head) {
    const changes = await peer.next('changes')
    assert.deepEqual([changes.after, changes.head], [position.seq, 260])
    got.push(...texts(changes.messages))
    position = changes.position
  }
  assert.deepEqual(got, numbered(260).slice(1))
})

test('a position that cannot be resumed from is answered with the reason and the newest page', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const [ack] = await fill(t, url, room, ['one'])
  const { position } = ack!
  const wrong = {
    epoch: { ...position, epoch: 'another' },
    fork: { ...position, tag: 'another' },
    ahead: { ...position, seq: position.seq + 1 },
  }
  for (const [reason, since] of Object.entries(wrong)) {
    const peer = await greet(t, url)
    const joined = await peer.ask('joined', { type: 'join', room, since })
    assert.deepEqual([joined.resumed, joined.reset, texts(joined.messages)], [false, reason, ['one']])
    assert.deepEqual(joined.position, position)
  }
})

/** The seqs that reached a peer since it joined, whatever brought them, up to `last`. */
async function seqsUpTo(last: Seq, peer: Peer, room: string): Promise<number[]> {
  const joined = await peer.join(room)
  const seqs = joined.messages.map(revisionOf)
  for (let { seq } = joined.position; seq < last;) {
    const change = await peer.next('change')
    seqs.push(change.seq)
    seq = change.seq
  }
  return seqs
}

test('whoever joins while others write misses nothing and gets nothing twice', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const latecomers = await Promise.all(numbered(10).map((name) => greet(t, url, name)))
  const writing = fill(t, url, room, numbered(200))
  const reading = latecomers.map((peer) => seqsUpTo(200 as Seq, peer, room))
  await writing
  for (const seqs of await Promise.all(reading)) {
    const first = 200 - seqs.length + 1
    assert.deepEqual(
      seqs,
      seqs.map((_, index) => first + index),
    )
  }
})

test('joining again starts over from the given position', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const peer = await enter(t, url, room)
  const { position } = await peer.post(room, 'one')
  await peer.post(room, 'two')
  await peer.next('change', ({ seq }) => seq === 2)
  const again = await peer.join(room, position)
  assert.deepEqual([again.resumed, texts(again.messages), again.count], [true, ['two'], 1])
  await peer.post(room, 'three')
  assert.equal((await peer.next('change', ({ seq }) => seq > 1)).seq, 3)
})

test('after leave nothing of the room comes any more, and leaving again is refused', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const [leaver, stayer] = [await enter(t, url, room), await enter(t, url, room)]
  await leaver.ask('ok', { type: 'leave', room })
  await leaver.refusal('not_joined', { type: 'leave', room })
  await stayer.post(room, 'unheard')
  await stayer.next('change')
  await leaver.ask('page', { type: 'history', room })
  assert.deepEqual(leaver.untaken('change'), [])
})

test('a room is named by letters, digits and a few marks, in NFC', async (t) => {
  const peer = await greet(t, await findTarget(t))
  const unique = newRoom()
  for (const room of [`日本-${unique}`, `order:42.${unique}~`, 'constructor', 'x'.repeat(64)]) {
    assert.equal((await peer.join(room)).room, room)
  }
  const bad = ['', '.a', '__proto__', 'a b', 'a/b', '<b>', 'cafe\u0301', '\ud800', 'a\0', 'x'.repeat(65), 1, null, []]
  for (const room of bad) await peer.refusal('bad_command', { type: 'join', room })
})

test('a position is taken whole or not at all', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const peer = await greet(t, url)
  const { position } = await peer.join(room)
  const { epoch, tag } = position
  const bad = [1, 'x', [], null, {}, { epoch, tag }, { epoch, seq: 1 }, { seq: 1, tag }]
  const badSeqs = [-1, 1.5, 2 ** 53, '1', null].map((seq) => ({ ...position, seq }))
  for (const since of [...bad, ...badSeqs]) await peer.refusal('bad_command', { type: 'join', room, since })
  for (const limit of [0, -1, 101, 1.5, '10', null]) await peer.refusal('bad_command', { type: 'join', room, limit })
})
