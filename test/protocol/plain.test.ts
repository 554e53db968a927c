import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { LOBBY } from '../../src/protocol/ids.ts'
import { enter } from './peer.ts'
import { PlainPeer } from './plain-peer.ts'
import { findTarget, newKey } from './target.ts'

/** Nobody else in a lobby that others use too goes by it. */
const newHandle = (): string => `ada-${randomUUID().slice(0, 8)}`

test('what one sends everybody gets, the sender too', async (t) => {
  const url = await findTarget(t)
  const [one, other] = [await PlainPeer.connect(t, url), await PlainPeer.connect(t, url)]
  const handle = newHandle()
  one.send({ handle, text: 'hi' })
  for (const peer of [one, other]) assert.deepEqual(await peer.from(handle), { handle, text: 'hi' })
})

test('it meets the lobby of natter.v1, both ways', async (t) => {
  const url = await findTarget(t)
  const [plain, ada] = [await PlainPeer.connect(t, url), newHandle()]
  const page = await enter(t, url, LOBBY, ada)
  const handle = newHandle()
  plain.send({ handle, text: 'from a script' })
  const { message } = await page.next('change', (change) => change.message.author.name === handle)
  assert.equal(message.text, 'from a script')
  await page.post(LOBBY, 'from the page')
  assert.deepEqual(await plain.from(ada), { handle: ada, text: 'from the page' })
})

test('handle and text are escaped for HTML in it, and stored as they were sent', async (t) => {
  const url = await findTarget(t)
  const plain = await PlainPeer.connect(t, url)
  const page = await enter(t, url, LOBBY)
  const name = `<b>${randomUUID().slice(0, 8)}</b>`
  const escapedName = name.replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  plain.send({ handle: name, text: `<script>"it's" & &amp;</script>` })
  assert.deepEqual(await plain.from(escapedName), {
    handle: escapedName,
    text: '&lt;script&gt;&quot;it&#39;s&quot; &amp; &amp;amp;&lt;/script&gt;',
  })
  const { message } = await page.next('change', (change) => change.message.author.name === name)
  assert.equal(message.text, `<script>"it's" & &amp;</script>`)
})

test('extra keys are dropped', async (t) => {
  const plain = await PlainPeer.connect(t, await findTarget(t))
  const handle = newHandle()
  plain.sendRaw(`{"handle":"${handle}","text":"hi","room":"other","admin":true,"__proto__":{"x":1}}`)
  assert.deepEqual(await plain.from(handle), { handle, text: 'hi' })
})

test('edits, deletions and reactions do not exist in it', async (t) => {
  const url = await findTarget(t)
  const plain = await PlainPeer.connect(t, url)
  const ada = newHandle()
  const page = await enter(t, url, LOBBY, ada)
  const { messageId } = await page.post(LOBBY, 'one')
  const about = { room: LOBBY, messageId }
  await page.ask('ack', { type: 'edit', ...about, key: newKey(), text: 'ONE' })
  await page.ask('ack', { type: 'react', ...about, key: newKey(), emoji: '👍', on: true })
  await page.ask('ack', { type: 'delete', ...about, key: newKey() })
  await page.post(LOBBY, 'two')
  assert.deepEqual(await plain.from(ada), { handle: ada, text: 'one' })
  assert.deepEqual(await plain.from(ada), { handle: ada, text: 'two' })
})

test('what it cannot read is answered with an error, goes nowhere, and the socket stays open', async (t) => {
  const url = await findTarget(t)
  const others = [await PlainPeer.connect(t, url), await enter(t, url, LOBBY)] as const
  const handle = newHandle()
  const frames = [
    'not JSON',
    '',
    '[]',
    'null',
    '"text"',
    '{}',
    '['.repeat(60_000),
    JSON.stringify({ handle }),
    JSON.stringify({ text: 'hi' }),
    JSON.stringify({ handle, text: '' }),
    JSON.stringify({ handle: '', text: 'hi' }),
    JSON.stringify({ handle, text: ' \n' }),
    JSON.stringify({ handle: ' ', text: 'hi' }),
    JSON.stringify({ handle, text: 5 }),
    JSON.stringify({ handle: ['a'], text: 'hi' }),
    JSON.stringify({ handle, text: null }),
    JSON.stringify({ handle, text: 'half \ud800' }),
    JSON.stringify({ handle, text: 'NUL\0' }),
    JSON.stringify({ handle, text: 'x'.repeat(4_001) }),
    JSON.stringify({ handle: 'x'.repeat(41), text: 'hi' }),
  ]
  // A few for each connection: what cannot be read costs as much of the rate limit as a message.
  for (let from = 0; from < frames.length; from += 10) {
    const plain = await PlainPeer.connect(t, url)
    for (const frame of frames.slice(from, from + 10)) {
      plain.sendRaw(frame)
      const complaint = await plain.complaint()
      assert.deepEqual(Object.keys(complaint), ['error'], frame.slice(0, 60))
    }
    plain.send({ handle, text: 'still here' })
    for (const peer of [plain, others[0]]) assert.deepEqual(await peer.from(handle), { handle, text: 'still here' })
    const { message } = await others[1].next('change', (change) => change.message.author.name === handle)
    assert.equal(message.text, 'still here')
  }
})

test('too much of it at once is answered with an error', async (t) => {
  const plain = await PlainPeer.connect(t, await findTarget(t))
  const handle = newHandle()
  for (let count = 0; count < 40; count++) plain.send({ handle, text: String(count) })
  const complaint = await plain.complaint()
  assert.match('error' in complaint ? complaint.error : '', /wait/)
  for (let count = 0; count < 20; count++) assert.deepEqual(await plain.from(handle), { handle, text: String(count) })
})
