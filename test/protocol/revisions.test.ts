import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AckEvent } from '../../src/protocol/events.ts'
import type { MessageId } from '../../src/protocol/ids.ts'
import type { Message } from '../../src/protocol/message.ts'
import { enter } from './peer.ts'
import type { Peer } from './peer.ts'
import { findTarget, newKey, newRoom } from './target.ts'

/** 21 faces: one more than a message holds. */
const EMOJI = Array.from({ length: 21 }, (_, index) => String.fromCodePoint(0x1f600 + index))

interface Scene {
  readonly url: string
  readonly room: string
  readonly ada: Peer
  readonly bob: Peer
  /** Of a message that Ada posted. */
  readonly messageId: MessageId
}

/** Ada and Bob in a room where Ada posted "hi". */
async function setScene(t: Parameters<typeof enter>[0]): Promise<Scene> {
  const [url, room] = [await findTarget(t), newRoom()]
  const [ada, bob] = [await enter(t, url, room, 'Ada'), await enter(t, url, room, 'Bob')]
  const { messageId } = await ada.post(room, 'hi')
  for (const peer of [ada, bob]) await peer.next('change')
  return { url, room, ada, bob, messageId }
}

type Revision = { readonly type: 'edit' | 'delete' | 'react'; readonly [field: string]: unknown }

const revise = ({ room, messageId }: Scene, peer: Peer, revision: Revision): Promise<AckEvent> =>
  peer.ask('ack', { room, messageId, key: newKey(), ...revision })

async function newestState(peer: Peer, room: string): Promise<Message> {
  const { messages } = await peer.ask('page', { type: 'history', room })
  assert.equal(messages.length, 1)
  return messages[0]!
}

test('an edit brings the whole message with its new text, in its old place', async (t) => {
  const scene = await setScene(t)
  const ack = await revise(scene, scene.ada, { type: 'edit', text: 'hello' })
  const { seq, tag, message } = await scene.bob.next('change')
  assert.deepEqual([ack.position.seq, ack.position.tag], [seq, tag])
  assert.deepEqual([message.id, message.seq, message.rev, message.text], [scene.messageId, 1, 2, 'hello'])
  assert.ok((message.editedAt ?? 0) >= message.postedAt)
  assert.deepEqual(await newestState(scene.bob, scene.room), message)
})

test('a deletion leaves the message without its text and reactions', async (t) => {
  const scene = await setScene(t)
  await revise(scene, scene.bob, { type: 'react', emoji: '👍', on: true })
  await revise(scene, scene.ada, { type: 'delete' })
  const { message } = await scene.bob.next('change', ({ seq }) => seq === 3)
  assert.deepEqual([message.text, message.reactions, message.rev], ['', undefined, 3])
  assert.ok((message.deletedAt ?? 0) >= message.postedAt)
  assert.deepEqual(await newestState(scene.bob, scene.room), message)
})

test('reactions are counted by user, in the order they were first given', async (t) => {
  const scene = await setScene(t)
  const { ada, bob } = scene
  for (const [peer, emoji] of [
    [bob, '❤️'],
    [ada, '👍🏽'],
    [ada, '❤️'],
  ] as const) {
    await revise(scene, peer, { type: 'react', emoji, on: true })
  }
  const { reactions } = (await bob.next('change', ({ seq }) => seq === 4)).message
  assert.deepEqual(
    reactions?.map(({ emoji, users }) => [emoji, users.map(({ name }) => name)]),
    [
      ['❤️', ['Bob', 'Ada']],
      ['👍🏽', ['Ada']],
    ],
  )
  await revise(scene, ada, { type: 'react', emoji: '👍🏽', on: false })
  assert.equal((await newestState(ada, scene.room)).reactions?.length, 1)
})

test('the last reaction taken back leaves none', async (t) => {
  const scene = await setScene(t)
  for (const on of [true, false]) await revise(scene, scene.bob, { type: 'react', emoji: '👍', on })
  assert.equal('reactions' in (await newestState(scene.bob, scene.room)), false)
})

test('a revision that leaves the message as it is is acked and changes nothing', async (t) => {
  const scene = await setScene(t)
  const { ada, bob, room } = scene
  await revise(scene, bob, { type: 'react', emoji: '👍', on: true })
  const before = await newestState(bob, room)
  const acks = [
    await revise(scene, bob, { type: 'react', emoji: '👍', on: true }),
    await revise(scene, bob, { type: 'react', emoji: '❤️', on: false }),
    await revise(scene, ada, { type: 'edit', text: 'hi' }),
  ]
  for (const { position, messageId } of acks) assert.deepEqual([position.seq, messageId], [2, scene.messageId])
  assert.deepEqual(await newestState(bob, room), before)
  const deletion = await revise(scene, ada, { type: 'delete' })
  assert.deepEqual((await revise(scene, ada, { type: 'delete' })).position, deletion.position)
})

test('nobody edits or deletes what another wrote', async (t) => {
  const scene = await setScene(t)
  const { bob, room, messageId } = scene
  await bob.refusal('forbidden', { type: 'edit', room, key: newKey(), messageId, text: 'mine now' })
  await bob.refusal('forbidden', { type: 'delete', room, key: newKey(), messageId })
  assert.deepEqual([(await newestState(bob, room)).text, scene.ada.untaken('change')], ['hi', []])
})

test('a deleted message takes no more changes', async (t) => {
  const scene = await setScene(t)
  const { ada, bob, room, messageId } = scene
  await revise(scene, ada, { type: 'delete' })
  await ada.refusal('message_deleted', { type: 'edit', room, key: newKey(), messageId, text: 'back' })
  await bob.refusal('message_deleted', { type: 'react', room, key: newKey(), messageId, emoji: '👍', on: true })
  await bob.refusal('message_deleted', { type: 'delete', room, key: newKey(), messageId })
  assert.equal((await newestState(bob, room)).rev, 2)
})

test('a message that is not in the room cannot be changed', async (t) => {
  const { ada, room, messageId } = await setScene(t)
  const revisions = [{ type: 'edit', text: 'x' }, { type: 'delete' }, { type: 'react', emoji: '👍', on: true }] as const
  for (const revision of revisions) {
    await ada.refusal('message_not_found', { room, key: newKey(), messageId: 'none', ...revision })
    await ada.refusal('message_not_found', { room: newRoom(), key: newKey(), messageId, ...revision })
  }
})

test('a message holds 20 different emoji', async (t) => {
  const scene = await setScene(t)
  const { ada, bob, room, messageId } = scene
  const give = (peer: Peer, emoji: string): Promise<AckEvent> => revise(scene, peer, { type: 'react', emoji, on: true })
  for (const emoji of EMOJI.slice(0, 10)) await give(ada, emoji)
  for (const emoji of EMOJI.slice(10, 20)) await give(bob, emoji)
  const tooMany = { type: 'react', room, key: newKey(), messageId, emoji: EMOJI[20], on: true } as const
  await bob.refusal('limit_reached', tooMany)
  await give(bob, EMOJI[0]!)
  assert.equal((await newestState(bob, room)).reactions?.length, 20)
})

test('what is not one emoji is refused', async (t) => {
  const { bob, room, messageId } = await setScene(t)
  for (const emoji of ['', 'a', '👍👍', '<b>', '👍'.repeat(20), 1, null]) {
    await bob.refusal('bad_command', { type: 'react', room, key: newKey(), messageId, emoji, on: true })
  }
  await bob.refusal('bad_command', { type: 'react', room, key: newKey(), messageId, emoji: '👍', on: 'yes' })
})

test('reactions given by many at one instant are all kept', async (t) => {
  const scene = await setScene(t)
  const crowd = await Promise.all(EMOJI.map((_, index) => enter(t, scene.url, scene.room, `fan ${index}`)))
  await Promise.all(crowd.map((peer) => revise(scene, peer, { type: 'react', emoji: '👍', on: true })))
  const { reactions } = await newestState(scene.bob, scene.room)
  assert.equal(reactions?.[0]?.users.length, crowd.length)
})
