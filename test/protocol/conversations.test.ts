import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Peer } from './peer.ts'
import { fill } from './fill.ts'
import { findTarget, hasOwnServer, newKey, newRoom } from './target.ts'
import { startServer } from '../helpers.ts'

/** The section "Conversations" of PROTOCOL.md, one test each. */

test('a guest joins an empty room, says hi, and sees it come back', async (t) => {
  const [peer, room] = [await Peer.connect(t, await findTarget(t)), newRoom()]
  const { id: helloId, user, guestToken } = await peer.hello({ name: 'Ada' })
  assert.deepEqual([helloId, user.name, typeof guestToken], [1, 'Ada', 'string'])
  const joined = await peer.join(room)
  assert.deepEqual([joined.id, joined.resumed, joined.position.seq, joined.position.tag], [2, false, 0, ''])
  assert.deepEqual([joined.messages, joined.count, joined.members], [[], 1, [user]])
  const key = newKey()
  const ack = await peer.ask('ack', { type: 'post', room, key, text: 'hi' })
  const change = await peer.next('change')
  assert.deepEqual([ack.id, ack.room, change.room], [3, room, room])
  assert.deepEqual([change.seq, change.tag], [ack.position.seq, ack.position.tag])
  const { postedAt, ...message } = change.message
  assert.deepEqual(message, { id: ack.messageId, seq: 1, key, author: user, text: 'hi' })
  assert.ok(postedAt > 1_700_000_000_000)
})

test('a client that was cut off before an ack comes back, resumes, sends again, and it is stored once', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const before = await Peer.connect(t, url)
  const { user, guestToken } = await before.hello({ name: 'Ada' })
  await before.join(room)
  const { position } = await before.post(room, 'hi')
  await fill(t, url, room, ['by another'])
  const write = { type: 'post', room, key: newKey(), text: 'still there?' } as const
  before.send(write)
  // Stored, as its change shows, but as far as the client knows it may not be.
  await before.next('change', ({ message }) => message.key === write.key)
  before.ws.terminate()

  const after = await Peer.connect(t, url)
  assert.deepEqual((await after.hello({ name: 'Ada', guestToken })).user, user)
  const joined = await after.join(room, position)
  assert.deepEqual(
    [joined.resumed, joined.messages.map(({ text }) => text), joined.head],
    [true, ['by another', 'still there?'], 3],
  )
  const ack = await after.ask('ack', write)
  assert.deepEqual([ack.position, ack.messageId], [joined.position, joined.messages[1]?.id])
  assert.equal((await after.ask('page', { type: 'history', room })).messages.length, 3)
})

test('an edit, a reaction and a deletion each bring the whole message again', async (t) => {
  const [peer, room] = [await Peer.connect(t, await findTarget(t)), newRoom()]
  const { user } = await peer.hello()
  await peer.join(room)
  const { messageId } = await peer.post(room, 'still there?')
  const posted = (await peer.next('change')).message
  const revise = async (fields: Readonly<Record<string, unknown>>, type: 'edit' | 'react' | 'delete') => {
    const ack = await peer.ask('ack', { type, room, key: newKey(), messageId, ...fields })
    const change = await peer.next('change')
    assert.deepEqual([change.seq, change.tag], [ack.position.seq, ack.position.tag])
    return change.message
  }
  const editKey = newKey()
  const edited = await revise({ text: 'still here?', key: editKey }, 'edit')
  assert.deepEqual(edited, { ...posted, rev: 2, text: 'still here?', editedAt: edited.editedAt, editKey })
  const reacted = await revise({ emoji: '👍', on: true }, 'react')
  assert.deepEqual(reacted, { ...edited, rev: 3, reactions: [{ emoji: '👍', users: [user] }] })
  const deleted = await revise({}, 'delete')
  assert.deepEqual(deleted, { ...edited, rev: 4, text: '', deletedAt: deleted.deletedAt })
})

test("a position past the log's end, as after an older backup, is answered with the newest page", async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const [ack] = await fill(t, url, room, ['from the backup'])
  const peer = await Peer.connect(t, url)
  await peer.hello()
  const since = { ...ack!.position, seq: 900, tag: '77' }
  const joined = await peer.ask('joined', { type: 'join', room, since })
  assert.deepEqual([joined.resumed, joined.reset, joined.head, joined.messages.length], [false, 'ahead', 1, 1])
  assert.deepEqual(joined.position, ack!.position)
})

// Whoever points the suite at a server does not want it stopped.
if (hasOwnServer) {
  test('a deploy: goodbye says when to come back, then the connection ends with 1012', async (t) => {
    const server = await startServer(t)
    const peer = await Peer.connect(t, server.socketUrl)
    await peer.hello()
    const closing = server.close()
    const { retryInMs } = await peer.next('goodbye')
    assert.ok(retryInMs >= 0 && retryInMs <= 8_000)
    assert.equal((await peer.ended()).code, 1012)
    await closing
  })
}
