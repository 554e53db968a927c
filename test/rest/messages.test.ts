import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Message } from '../../src/protocol/message.ts'
import { observing, startServer } from '../helpers.ts'
import { enter } from '../protocol/peer.ts'
import { ask, assertRefused } from './client.ts'
import type { Page, Stored } from './client.ts'

/** A server, and the address of a room's messages. */
async function startRoom(t: TestContext): Promise<{ url: string; messages: string; socketUrl: string }> {
  const { url, socketUrl } = await startServer(t)
  return { url, messages: `${url}/api/rooms/tea/messages`, socketUrl }
}

/** Posts as a new guest; returns what was answered, and the header that makes the next request the same guest's. */
async function postAsGuest(messages: string, text: string): Promise<{ stored: Stored; as: { Authorization: string } }> {
  const { status, body } = await ask<Stored>(messages, 'POST', { text, name: 'Ada' })
  assert.equal(status, 201)
  return { stored: body, as: { Authorization: `Bearer ${body.guestToken}` } }
}

const read = async (messages: string, query = ''): Promise<Page> => (await ask<Page>(messages + query)).body
const textsOf = ({ messages }: Page): string[] => messages.map(({ text }) => text)

suite('posting', { concurrency: true }, () => {
  test('is answered with 201 and the position, once the message is in the log and out to the room', async (t) => {
    const { url, messages, socketUrl } = await startRoom(t)
    const peer = await enter(t, socketUrl, 'tea', 'Bob')
    const { stored } = await postAsGuest(messages, 'from curl')
    assert.deepEqual(textsOf(await read(messages)), ['from curl'])
    const change = await peer.next('change')
    assert.deepEqual([change.seq, change.tag], [stored.position.seq, stored.position.tag])
    assert.equal(change.message.id, stored.messageId)
    assert.equal(change.message.author.name, 'Ada')
    const { headers } = await ask<Stored>(messages, 'POST', { text: 'and this' })
    assert.equal((await ask<Message>(url + headers.get('Location'))).body.text, 'and this')
  })

  test('takes JSON, a form, or a plain text', async (t) => {
    const { messages } = await startRoom(t)
    const bodies: readonly (readonly [string, string])[] = [
      ['application/json; charset=UTF-8', '{"text":"héy 👍","name":"Ada"}'],
      ['application/x-www-form-urlencoded', 'text=h%C3%A9y+%F0%9F%91%8D&name=Ada'],
      ['text/plain', 'héy 👍'],
    ]
    for (const [type, body] of bodies) {
      const headers = { 'Content-Type': type }
      assert.equal((await fetch(`${messages}?name=Ada`, { method: 'POST', headers, body })).status, 201, type)
    }
    const page = await read(messages)
    assert.deepEqual(textsOf(page), ['héy 👍', 'héy 👍', 'héy 👍'])
    assert.deepEqual(new Set(page.messages.map(({ author }) => author.name)), new Set(['Ada']))
  })

  test('again with the same key stores nothing and is answered the same, whichever way the key came', async (t) => {
    const { messages } = await startRoom(t)
    const { as } = await postAsGuest(messages, 'hello')
    const key = 'the-key-1'
    const first = await ask<Stored>(messages, 'POST', { text: 'once', key }, as)
    const again = await ask<Stored>(messages, 'POST', { text: 'once' }, { ...as, 'Idempotency-Key': key })
    const quoted = await ask<Stored>(messages, 'POST', { text: 'once' }, { ...as, 'Idempotency-Key': `"${key}"` })
    assert.equal(first.status, 201)
    for (const repeat of [again, quoted]) assert.deepEqual([repeat.status, repeat.body], [201, first.body])
    assert.deepEqual(textsOf(await read(messages)), ['hello', 'once'])
    await assertRefused([422, 'key_reused'], ask(messages, 'POST', { text: 'twice', key }, as))
    await assertRefused(
      [400, 'bad_command'],
      ask(messages, 'POST', { text: 'x', key }, { ...as, 'Idempotency-Key': 'another-key' }),
    )
  })

  test('without a key is another message each time', async (t) => {
    const { messages } = await startRoom(t)
    const { as } = await postAsGuest(messages, 'hi')
    await ask(messages, 'POST', { text: 'hi' }, as)
    assert.deepEqual(textsOf(await read(messages)), ['hi', 'hi'])
  })

  test('may answer a message of the room, and no other', async (t) => {
    const { messages } = await startRoom(t)
    const { stored, as } = await postAsGuest(messages, 'tea?')
    await ask(messages, 'POST', { text: 'yes', replyTo: stored.messageId }, as)
    assert.equal((await read(messages)).messages[1]?.replyTo, stored.messageId)
    await assertRefused([404, 'message_not_found'], ask(messages, 'POST', { text: 'x', replyTo: 'nothing' }, as))
  })

  test('is told to the operator as a message of the socket is, without its text', async (t) => {
    const stored: unknown[] = []
    const onStored = ({ peer, appendMs: _ms, ...change }: { peer: { connectionId: string }; appendMs: number }) =>
      stored.push({ ...change, connection: peer.connectionId })
    const { url } = await startServer(t, { observer: observing({ onStored }) })
    await postAsGuest(`${url}/api/rooms/tea/messages`, 'secret')
    assert.equal(stored.length, 1)
    const [{ room, seq, kind, connection }] = stored as [Record<string, unknown>]
    assert.deepEqual([room, seq, kind, connection], ['tea', 1, 'post', 'r1'])
    assert.ok(!JSON.stringify(stored).includes('secret'))
  })
})

suite('guests', { concurrency: true }, () => {
  test('without a token are new ones each time, with it the same', async (t) => {
    const { messages } = await startRoom(t)
    const { stored, as } = await postAsGuest(messages, 'one')
    const second = await ask<Stored>(messages, 'POST', { text: 'two', name: 'Ada' }, as)
    assert.equal(second.body.guestToken, undefined)
    const third = await ask<Stored>(messages, 'POST', { text: 'three', name: 'Ada' })
    assert.notEqual(third.body.guestToken, stored.guestToken)
    const ids = (await read(messages)).messages.map(({ author }) => author.id)
    assert.equal(ids[0], ids[1])
    assert.notEqual(ids[0], ids[2])
  })

  test('with a token that does not verify are refused, not made anew', async (t) => {
    const { messages } = await startRoom(t)
    const { headers } = await assertRefused(
      [401, 'unauthorized'],
      ask(messages, 'POST', { text: 'x' }, { Authorization: 'Bearer made.up.token' }),
    )
    assert.equal(headers.get('WWW-Authenticate'), 'Bearer')
    assert.deepEqual(textsOf(await read(messages)), [])
  })
})

suite('a page', { concurrency: true }, () => {
  test('is the newest one, or lies before, after or around a message', async (t) => {
    const { messages } = await startRoom(t)
    const { as } = await postAsGuest(messages, '1')
    const ids: string[] = []
    for (let n = 2; n <= 9; n++) ids.push((await ask<Stored>(messages, 'POST', { text: String(n) }, as)).body.messageId)
    const newest = await read(messages, '?limit=3')
    assert.deepEqual([textsOf(newest), newest.hasOlder, newest.hasNewer], [['7', '8', '9'], true, false])
    assert.deepEqual(textsOf(await read(messages, '?before=4&limit=2')), ['2', '3'])
    assert.deepEqual(textsOf(await read(messages, '?after=2&limit=2')), ['3', '4'])
    assert.ok(textsOf(await read(messages, `?around=${ids[3]}&limit=3`)).includes('5'))
    assert.deepEqual(textsOf(await read(messages)).length, 9)
  })

  test('takes one edge, and numbers that are some', async (t) => {
    const { messages } = await startRoom(t)
    for (const query of ['?before=1&after=1', '?limit=0', '?limit=101', '?limit=ten', '?before=-1', '?after=1.5'])
      await assertRefused([400, 'bad_command'], ask(messages + query))
    await assertRefused([404, 'message_not_found'], ask(`${messages}?around=nothing`))
  })
})

suite('a message', { concurrency: true }, () => {
  test('is edited, reacted to and deleted, and each answer tells where the change is', async (t) => {
    const { messages } = await startRoom(t)
    const { stored, as } = await postAsGuest(messages, 'teh tea')
    const message = `${messages}/${stored.messageId}`
    const thumb = `${message}/reactions/${encodeURIComponent('👍')}`
    const now = async (): Promise<Message> => (await ask<Message>(message)).body

    const edited = await ask<Stored>(message, 'PATCH', { text: 'the tea' }, as)
    assert.deepEqual([edited.status, edited.body.position.seq], [200, 2])
    assert.deepEqual([(await now()).text, (await now()).rev], ['the tea', 2])
    await ask(`${thumb}?name=Bob`, 'PUT', undefined, as)
    assert.equal((await now()).reactions?.[0]?.users[0]?.name, 'Bob')
    await ask(thumb, 'DELETE', undefined, as)
    assert.equal((await now()).reactions, undefined)
    const deleted = await ask<Stored>(message, 'DELETE', undefined, as)
    assert.equal(deleted.body.position.seq, 5)
    assert.equal((await now()).text, '')
    await assertRefused([410, 'message_deleted'], ask(message, 'PATCH', { text: 'again' }, as))
  })

  test('is its author’s to change', async (t) => {
    const { messages } = await startRoom(t)
    const { stored } = await postAsGuest(messages, 'mine')
    const { as: other } = await postAsGuest(messages, 'theirs')
    const message = `${messages}/${stored.messageId}`
    await assertRefused([403, 'forbidden'], ask(message, 'PATCH', { text: 'x' }, other))
    await assertRefused([403, 'forbidden'], ask(message, 'DELETE', undefined, other))
  })

  test('takes one emoji as a reaction', async (t) => {
    const { messages } = await startRoom(t)
    const { stored, as } = await postAsGuest(messages, 'hi')
    await assertRefused([400, 'bad_command'], ask(`${messages}/${stored.messageId}/reactions/ok`, 'PUT', undefined, as))
  })

  test('that is not there is not found', async (t) => {
    const { messages } = await startRoom(t)
    await assertRefused([404, 'message_not_found'], ask(`${messages}/nothing`))
  })
})
