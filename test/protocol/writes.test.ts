import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '../../src/protocol/message.ts'
import { enter, greet, Peer } from './peer.ts'
import { findTarget, newKey, newRoom } from './target.ts'

/** The messages of a room as history shows them. */
async function historyOf(peer: Peer, room: string): Promise<readonly Message[]> {
  return (await peer.ask('page', { type: 'history', room, limit: 100 })).messages
}

test('a post is acked with its position and reaches everyone as the same bytes', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const [ada, bob] = [await enter(t, url, room, 'Ada'), await enter(t, url, room, 'Bob')]
  const frames = [ada, bob].map(({ ws }) => {
    const seen: string[] = []
    ws.on('message', (data) => seen.push((data as Buffer).toString()))
    return seen
  })
  const key = newKey()
  const ack = await ada.ask('ack', { type: 'post', room, key, text: 'hi' })
  const changes = [await ada.next('change'), await bob.next('change')]
  const { seq, tag, message } = changes[0]!
  assert.deepEqual([ack.position.seq, ack.position.tag], [seq, tag])
  assert.deepEqual([message.id, message.key, message.text, message.seq], [ack.messageId, key, 'hi', 1])
  assert.equal(message.author.name, 'Ada')
  assert.equal('rev' in message, false)
  assert.ok(Number.isSafeInteger(message.postedAt))
  assert.deepEqual(changes[1], changes[0])
  const bytes = frames.map((seen) => seen.find((frame) => frame.startsWith('{"type":"change"')))
  assert.equal(bytes[0], bytes[1])
})

test('a text is stored and delivered as it was sent, markup and all', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const peer = await enter(t, url, room)
  const texts = [
    '<script>alert(1)</script><img src=x onerror=alert(1)>',
    '  two\n\tlines  ',
    '"quotes" \\ back\u2028slash \u0007',
    'שלום 👩‍👩‍👧‍👦 \u202E',
    '🦉'.repeat(4_000),
    '{"type":"change"}',
  ]
  for (const text of texts) {
    await peer.post(room, text)
    assert.equal((await peer.next('change')).message.text, text)
  }
  assert.deepEqual(
    (await historyOf(peer, room)).map(({ text }) => text),
    texts,
  )
})

test('a text that is blank, too long or not text is refused, and nothing of it stored', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const peer = await enter(t, url, room)
  const { messageId } = await peer.post(room, 'first')
  const post = { type: 'post', room, key: newKey() } as const
  const edit = { type: 'edit', room, key: newKey(), messageId } as const
  for (const write of [post, edit]) {
    for (const text of ['', ' \n\t\u3000']) await peer.refusal('text_blank', { ...write, text })
    for (const text of ['x'.repeat(4_001), '🦉'.repeat(4_001)]) await peer.refusal('text_too_long', { ...write, text })
    for (const text of ['half \ud83e', '\udd89 half', 'NUL\0']) await peer.refusal('bad_text', { ...write, text })
  }
  assert.deepEqual(
    (await historyOf(peer, room)).map(({ text }) => text),
    ['first'],
  )
})

test('a post sent again with its key is stored once and gets the same ack', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const peer = await enter(t, url, room)
  const post = { type: 'post', room, key: newKey(), text: 'once' } as const
  const ids = [peer.send(post), peer.send(post), peer.send(post)]
  const acks = await Promise.all(ids.map((id) => peer.answer('ack', id)))
  for (const ack of acks) assert.deepEqual({ ...ack, id: 0 }, { ...acks[0]!, id: 0 })
  const { position } = await peer.post(room, 'next')
  assert.equal(position.seq, 2)
  assert.equal((await historyOf(peer, room)).length, 2)
})

test('a write sent again by the same user over another connection is stored once', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const first = await Peer.connect(t, url)
  const { guestToken } = await first.hello()
  const key = newKey()
  const ack = await first.ask('ack', { type: 'post', room, key, text: 'once' })
  first.ws.terminate()
  const second = await Peer.connect(t, url)
  await second.hello({ guestToken })
  const again = await second.ask('ack', { type: 'post', room, key, text: 'once' })
  assert.deepEqual([again.position, again.messageId], [ack.position, ack.messageId])
  assert.equal((await historyOf(second, room)).length, 1)
})

test('a key used for another write is refused', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const peer = await enter(t, url, room)
  const key = newKey()
  const { messageId } = await peer.ask('ack', { type: 'post', room, key, text: 'one' })
  await peer.refusal('key_reused', { type: 'post', room, key, text: 'two' })
  await peer.refusal('key_reused', { type: 'post', room, key, text: 'one', replyTo: messageId })
  await peer.refusal('key_reused', { type: 'edit', room, key, messageId, text: 'one' })
  await peer.refusal('key_reused', { type: 'delete', room, key, messageId })
  await peer.refusal('key_reused', { type: 'react', room, key, messageId, emoji: '👍', on: true })
  const [message, ...rest] = await historyOf(peer, room)
  assert.deepEqual([message?.text, message?.rev, rest], ['one', undefined, []])
})

test("a key is its sender's own, and each room's", async (t) => {
  const [url, room, otherRoom] = [await findTarget(t), newRoom(), newRoom()]
  const [ada, bob] = [await greet(t, url, 'Ada'), await greet(t, url, 'Bob')]
  const key = newKey()
  const acks = [
    await ada.ask('ack', { type: 'post', room, key, text: 'by Ada' }),
    await bob.ask('ack', { type: 'post', room, key, text: 'by Bob' }),
    await ada.ask('ack', { type: 'post', room: otherRoom, key, text: 'elsewhere' }),
  ]
  assert.deepEqual(
    acks.map(({ position }) => position.seq),
    [1, 2, 1],
  )
})

test('a retry is acked as it was, whatever has become of the message since', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const peer = await enter(t, url, room)
  const { messageId } = await peer.post(room, 'one')
  const edit = { type: 'edit', room, key: newKey(), messageId, text: 'two' } as const
  const remove = { type: 'delete', room, key: newKey(), messageId } as const
  const [edited, removed] = [await peer.ask('ack', edit), await peer.ask('ack', remove)]
  assert.deepEqual((await peer.ask('ack', edit)).position, edited.position)
  assert.deepEqual((await peer.ask('ack', remove)).position, removed.position)
})

test('writes of one connection to one room take their seqs in the order they were sent', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const peer = await enter(t, url, room)
  const { messageId } = await peer.post(room, 'to be changed')
  const about = { room, messageId }
  const writes = [
    { type: 'edit', ...about, text: 'first' },
    { type: 'post', room, text: 'between' },
    { type: 'edit', ...about, text: 'second' },
    { type: 'react', ...about, emoji: '👍', on: true },
    { type: 'react', ...about, emoji: '👍', on: false },
    { type: 'post', room, text: 'with a reply', replyTo: messageId },
    { type: 'post', room, text: 'last but one' },
    { type: 'delete', ...about },
    { type: 'post', room, text: 'last' },
  ] as const
  const ids = writes.map((write) => peer.send({ ...write, key: newKey() }))
  const acks = await Promise.all(ids.map((id) => peer.answer('ack', id)))
  assert.deepEqual(
    acks.map(({ position }) => position.seq),
    [2, 3, 4, 5, 6, 7, 8, 9, 10],
  )
})

test('a connection need not be in a room to write to it', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const [member, outsider] = [await enter(t, url, room), await greet(t, url)]
  await outsider.post(room, 'from outside')
  assert.equal((await member.next('change')).message.text, 'from outside')
  assert.equal(outsider.untaken('change').length, 0)
})

test('a message of a reply must be in the room', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const peer = await enter(t, url, room)
  const { messageId: replyTo } = await peer.post(room, 'question')
  await peer.ask('ack', { type: 'post', room, key: newKey(), text: 'answer', replyTo })
  assert.equal((await peer.next('change', ({ seq }) => seq === 2)).message.replyTo, replyTo)
  await peer.refusal('message_not_found', { type: 'post', room, key: newKey(), text: 'x', replyTo: 'none' })
  await peer.refusal('message_not_found', { type: 'post', room: newRoom(), key: newKey(), text: 'x', replyTo })
})
