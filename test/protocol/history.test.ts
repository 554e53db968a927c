import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PageEvent } from '../../src/protocol/events.ts'
import { fill, numbered } from './fill.ts'
import { greet } from './peer.ts'
import type { Peer } from './peer.ts'
import { findTarget, newKey, newRoom } from './target.ts'

const ask = (peer: Peer, room: string, query: Readonly<Record<string, unknown>> = {}): Promise<PageEvent> =>
  peer.ask('page', { type: 'history', room, ...query })

/** A page as the texts of its messages, and whether there is more on either side. */
const shapeOf = ({ messages, hasOlder, hasNewer }: PageEvent): unknown => [
  messages.map(({ text }) => text),
  hasOlder,
  hasNewer,
]

test('history without an edge is the newest page, for whoever has not joined too', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  await fill(t, url, room, numbered(55))
  const peer = await greet(t, url)
  assert.deepEqual(shapeOf(await ask(peer, room)), [numbered(55).slice(5), true, false])
  assert.deepEqual(shapeOf(await ask(peer, room, { limit: 2 })), [['54', '55'], true, false])
  assert.deepEqual(shapeOf(await ask(peer, room, { limit: 100 })), [numbered(55), false, false])
  assert.deepEqual(shapeOf(await ask(peer, newRoom())), [[], false, false])
})

test('before and after bring the messages next to a seq, oldest first', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  await fill(t, url, room, numbered(10))
  const peer = await greet(t, url)
  const pages: readonly [Readonly<Record<string, number>>, unknown][] = [
    [{ before: 5, limit: 2 }, [['3', '4'], true, true]],
    [{ before: 3, limit: 2 }, [['1', '2'], false, true]],
    [{ before: 1 }, [[], false, true]],
    [{ before: 0 }, [[], false, true]],
    [{ before: 99 }, [numbered(10), false, false]],
    [{ after: 5, limit: 2 }, [['6', '7'], true, true]],
    [{ after: 8, limit: 2 }, [['9', '10'], true, false]],
    [{ after: 10 }, [[], true, false]],
    [{ after: 99 }, [[], true, false]],
    [{ after: 0 }, [numbered(10), false, false]],
  ]
  for (const [query, shape] of pages)
    assert.deepEqual(shapeOf(await ask(peer, room, query)), shape, JSON.stringify(query))
})

test('paging to either end shows every message once', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  await fill(t, url, room, numbered(40))
  const peer = await greet(t, url)
  const backwards: string[] = []
  for (let before = 41, more = true; more;) {
    const { messages, hasOlder } = await ask(peer, room, { before, limit: 7 })
    backwards.unshift(...messages.map(({ text }) => text))
    before = messages[0]!.seq
    more = hasOlder
  }
  const forwards: string[] = []
  for (let after = 0, more = true; more;) {
    const { messages, hasNewer } = await ask(peer, room, { after, limit: 7 })
    forwards.push(...messages.map(({ text }) => text))
    after = messages.at(-1)!.seq
    more = hasNewer
  }
  assert.deepEqual([backwards, forwards], [numbered(40), numbered(40)])
})

test('around brings a message with about half a page on either side', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const acks = await fill(t, url, room, numbered(20))
  const peer = await greet(t, url)
  const page = await ask(peer, room, { around: acks[9]!.messageId, limit: 5 })
  assert.deepEqual(shapeOf(page), [['8', '9', '10', '11', '12'], true, true])
  const first = await ask(peer, room, { around: acks[0]!.messageId, limit: 5 })
  assert.deepEqual([first.messages[0]?.text, first.hasOlder, first.hasNewer], ['1', false, true])
  await peer.refusal('message_not_found', { type: 'history', room, around: 'none' })
  await peer.refusal('message_not_found', { type: 'history', room: newRoom(), around: acks[0]!.messageId })
})

test('history shows messages as they now stand, in the places they were posted in', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const peer = await greet(t, url)
  const [one, two] = [await peer.post(room, 'one'), await peer.post(room, 'two'), await peer.post(room, 'three')]
  await peer.ask('ack', { type: 'edit', room, key: newKey(), messageId: one.messageId, text: 'ONE' })
  await peer.ask('ack', { type: 'delete', room, key: newKey(), messageId: two.messageId })
  assert.deepEqual(shapeOf(await ask(peer, room)), [['ONE', '', 'three'], false, false])
})

test('a page of long messages is shorter than asked for, and says that there is more', async (t) => {
  const [url, room] = [await findTarget(t), newRoom()]
  const texts = numbered(100).map((number) => number.padEnd(4_000, '.'))
  await fill(t, url, room, texts)
  const peer = await greet(t, url)
  const { messages, hasOlder, hasNewer } = await ask(peer, room, { limit: 100 })
  assert.ok(messages.length > 50 && messages.length < 100, String(messages.length))
  assert.deepEqual([hasOlder, hasNewer, messages.at(-1)?.text], [true, false, texts.at(-1)])
  const forwards = await ask(peer, room, { after: 0, limit: 100 })
  assert.deepEqual([forwards.hasOlder, forwards.hasNewer, forwards.messages[0]?.text], [false, true, texts[0]])
})

test('a page has one edge and 1 to 100 messages', async (t) => {
  const room = newRoom()
  const peer = await greet(t, await findTarget(t))
  const edges = [
    { before: 1, after: 2 },
    { before: 1, around: 'm' },
    { after: 1, around: 'm' },
  ]
  const bad = [-1, 1.5, 2 ** 53, '1', null].flatMap((seq) => [{ before: seq }, { after: seq }])
  const limits = [0, -1, 101, 1.5, '10', null].map((limit) => ({ limit }))
  for (const query of [...edges, ...bad, ...limits, { around: 1 }, { around: '' }]) {
    await peer.refusal('bad_command', { type: 'history', room, ...query })
  }
})
