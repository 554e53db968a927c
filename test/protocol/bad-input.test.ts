import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { COMMANDS } from '../../src/protocol/commands.ts'
import type { CommandType } from '../../src/protocol/commands.ts'
import { enter, greet, Peer } from './peer.ts'
import type { SentCommand } from './peer.ts'
import { REQUIRED, SAMPLES } from './samples.ts'
import { findTarget, newKey, newRoom } from './target.ts'

/** A room where others chat while somebody misbehaves. */
interface Bystanders {
  readonly room: string
  /** Fails unless they still can, and see nothing else. */
  chat(): Promise<void>
}

async function bystanders(t: TestContext, url: string): Promise<Bystanders> {
  const room = newRoom()
  const [ada, bob] = [await enter(t, url, room, 'Ada'), await enter(t, url, room, 'Bob')]
  let seq = 0
  return {
    room,
    async chat() {
      const { position } = await ada.post(room, `${++seq}`)
      assert.equal(position.seq, seq, 'something else was stored')
      const { message } = await bob.next('change')
      assert.equal(message.text, `${seq}`)
    },
  }
}

test('a frame that is not a JSON object is bad_json', async (t) => {
  const url = await findTarget(t)
  const others = await bystanders(t, url)
  const peer = await greet(t, url)
  const frames = ['', ' ', 'hello', '{', '{"id":1', '[]', '[{"id":2,"type":"join"}]', 'null', 'true', '1', '"text"']
  const odd = ['{"id":9,"type":"join"}{"id":10}', '\uFEFF{}', "{'id':1}", '{"id":1,}', 'NaN', 'undefined']
  for (const frame of [...frames, ...odd]) {
    peer.sendRaw(frame)
    assert.equal((await peer.complaint()).code, 'bad_json', frame)
    // Ten in a row would end the connection.
    await peer.ask('page', { type: 'history', room: others.room })
  }
  await others.chat()
})

test('a command without a usable id is answered without one', async (t) => {
  const url = await findTarget(t)
  const others = await bystanders(t, url)
  const peer = await greet(t, url)
  for (const id of [undefined, null, 0, -1, 1.5, 2 ** 53, 1e300, '1', [1], {}, true]) {
    peer.sendRaw(JSON.stringify({ type: 'post', room: others.room, key: newKey(), text: 'hi', id }))
    assert.equal((await peer.complaint()).code, 'bad_command', JSON.stringify(id))
    await peer.ask('page', { type: 'history', room: others.room })
  }
  await others.chat()
})

test('an id that is not greater than the one before it is refused, and the command not carried out', async (t) => {
  const url = await findTarget(t)
  const others = await bystanders(t, url)
  const peer = await Peer.connect(t, url)
  const post = { type: 'post', room: others.room, text: 'hi' }
  peer.sendRaw(JSON.stringify({ type: 'hello', id: 500 }))
  await peer.answer('welcome', 500)
  for (const id of [500, 499, 1]) {
    peer.sendRaw(JSON.stringify({ ...post, id, key: newKey() }))
    assert.equal((await peer.complaint()).code, 'id_reused')
  }
  peer.sendRaw(JSON.stringify({ type: 'history', id: 2 ** 53 - 1, room: others.room }))
  await peer.answer('page', 2 ** 53 - 1)
  await others.chat()
})

test('a command without a known type is refused by its id', async (t) => {
  const url = await findTarget(t)
  const others = await bystanders(t, url)
  const peer = await greet(t, url)
  const sendType = (type: unknown): SentCommand => ({ ...SAMPLES.post, room: others.room, type: type as CommandType })
  for (const type of [undefined, null, 1, ['post'], {}]) await peer.refusal('bad_command', sendType(type))
  const names = ['', 'POST', 'post ', 'welcome', 'constructor', 'toString', '__proto__', 'hasOwnProperty', '\ud800']
  for (const type of names) await peer.refusal('unknown_type', sendType(type))
  await others.chat()
})

test('a command that lacks a field is refused, and the message names it', async (t) => {
  const url = await findTarget(t)
  const others = await bystanders(t, url)
  const peer = await greet(t, url)
  for (const type of Object.keys(COMMANDS) as CommandType[]) {
    for (const field of REQUIRED[type]) {
      const command = { ...SAMPLES[type], room: others.room, type, [field]: undefined }
      const { message } = await peer.refusal('bad_command', command)
      assert.match(message, new RegExp(`^${type}: "${field}"`))
    }
  }
  await others.chat()
})

test('a field of a wrong type is refused, and the message names it', async (t) => {
  const url = await findTarget(t)
  const others = await bystanders(t, url)
  const values = [null, -1, 1.5, 2 ** 53, true, '', 'x y', [], {}, [[]], { a: 1 }]
  for (const type of Object.keys(COMMANDS) as CommandType[]) {
    const peer = type === 'hello' ? await Peer.connect(t, url) : await greet(t, url)
    for (const [field, sample] of Object.entries(SAMPLES[type])) {
      // A string may be any string, but those that name something; booleans may be any boolean.
      const isFree = typeof sample === 'string' && !['room', 'key', 'emoji'].includes(field)
      const wrong = values.filter((value) => typeof value !== typeof sample || (!isFree && typeof value !== 'boolean'))
      for (const value of wrong) {
        const { message } = await peer.refusal('bad_command', { ...SAMPLES[type], type, [field]: value })
        assert.match(message, new RegExp(`^${type}: "${field}`), JSON.stringify(value))
      }
    }
  }
  await others.chat()
})

test('deep and wide JSON is read or refused like any other', async (t) => {
  const url = await findTarget(t)
  const others = await bystanders(t, url)
  const peer = await greet(t, url)
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
  const wide = `{${Array.from({ length: 6_000 }, (_, index) => `"k${index}":0`).join(',')}}`
  for (const frame of ['['.repeat(60_000), deep, '{"a":'.repeat(12_000)]) {
    peer.sendRaw(frame)
    assert.equal((await peer.complaint()).code, 'bad_json')
  }
  let id = 100
  for (const value of [deep, wide]) {
    peer.sendRaw(`{"type":"post","id":${++id},"room":"${others.room}","key":"${newKey()}","text":${value}}`)
    assert.equal((await peer.answer('error', id)).code, 'bad_command')
    peer.sendRaw(`{"type":"join","id":${++id},"room":"${others.room}","since":${value}}`)
    assert.equal((await peer.answer('error', id)).code, 'bad_command')
    peer.sendRaw(`{"type":"history","id":${++id},"room":"${others.room}","unknown":${value}}`)
    await peer.answer('page', id)
  }
  await others.chat()
})

test('keys that every object has reach no prototype', async (t) => {
  const url = await findTarget(t)
  const [room, elsewhere] = [newRoom(), newRoom()]
  const peer = await enter(t, url, room)
  const poison = `"__proto__":{"room":"${elsewhere}","text":"other"},"constructor":{"prototype":{"text":"other"}},"toString":1`
  peer.sendRaw(`{${poison},"type":"post","id":10,"room":"${room}","key":"${newKey()}","text":"hi"}`)
  await peer.answer('ack', 10)
  const { message } = await peer.next('change')
  assert.equal(message.text, 'hi')
  assert.deepEqual(Object.keys(message).toSorted(), ['author', 'id', 'key', 'postedAt', 'seq', 'text'])
  const other = await greet(t, url)
  assert.deepEqual((await other.ask('page', { type: 'history', room: elsewhere })).messages, [])
})

test('fields that are not named are ignored', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const peer = await enter(t, url, room)
  const forged = {
    author: { id: 'u1', name: 'Eve' },
    seq: 99,
    messageId: 'm1',
    postedAt: 1,
    reactions: [],
    deletedAt: 1,
  }
  await peer.ask('ack', { ...forged, type: 'post', room, key: newKey(), text: 'hi' })
  const { seq, message } = await peer.next('change')
  assert.deepEqual([seq, message.author.name, message.deletedAt], [1, 'Ada', undefined])
  assert.notEqual(message.id, 'm1')
})

test('ten frames in a row that cannot be read end the connection with 1008, nine do not', async (t) => {
  const url = await findTarget(t)
  const others = await bystanders(t, url)
  const peer = await greet(t, url)
  for (let count = 0; count < 9; count++) peer.sendRaw('not JSON')
  await peer.ask('page', { type: 'history', room: others.room })
  for (let count = 0; count < 10; count++) peer.sendRaw('not JSON')
  assert.equal((await peer.ended()).code, 1008)
  await others.chat()
})
