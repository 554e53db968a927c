import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ChatError } from '../../src/protocol/errors.ts'
import { parsePosition } from '../../src/protocol/position.ts'
import { NO_RATE_LIMITS, observing, startServer } from '../helpers.ts'
import type { TestServer } from '../helpers.ts'
import { brokenBackend } from '../helpers/broken-backend.ts'
import { greet } from '../protocol/peer.ts'
import { ask, assertRefused, EventReader } from './client.ts'
import type { Page, Stored } from './client.ts'

const away = (): Promise<never> => Promise.reject(new ChatError('unavailable', 'away', { retryAfterMs: 2_000 }))

const roomOf = ({ url }: TestServer): string => `${url}/api/rooms/tea`

async function post(server: TestServer, text: string): Promise<Stored> {
  return (await ask<Stored>(`${roomOf(server)}/messages`, 'POST', { text })).body
}

suite('a stream of events', { concurrency: true }, () => {
  test('brings what is posted by any way, each event under its position', async (t) => {
    const server = await startServer(t)
    const reader = await EventReader.open(t, `${roomOf(server)}/events`)
    assert.equal(reader.response.headers.get('Content-Type'), 'text/event-stream; charset=utf-8')
    await reader.nextOf('changes')
    const { position } = await post(server, 'by http')
    assert.equal((await reader.nextOf('change')).message.text, 'by http')
    assert.deepEqual(parsePosition(reader.lastEventId), position)
    const peer = await greet(t, server.socketUrl)
    await peer.post('tea', 'by socket')
    assert.equal((await reader.nextOf('change')).message.text, 'by socket')
  })

  test('goes on from the position of a page, and from the id of its last event, without a gap', async (t) => {
    const server = await startServer(t)
    await post(server, 'one')
    const { position } = (await ask<Page>(`${roomOf(server)}/messages`)).body
    await post(server, 'two')
    const { epoch, seq, tag } = position
    const since = `${roomOf(server)}/events?since=${epoch}:${seq}:${tag}`
    const first = await EventReader.open(t, since)
    const { messages } = await first.nextOf('changes')
    assert.deepEqual(
      messages.map(({ text }) => text),
      ['two'],
    )
    const { lastEventId } = first
    await post(server, 'three')
    // As a browser comes back: to the URL it began with, and with the id.
    const again = await EventReader.open(t, since, { 'Last-Event-ID': lastEventId })
    const missed = await again.nextOf('changes')
    assert.deepEqual(
      missed.messages.map(({ text }) => text),
      ['three'],
    )
  })

  test('says so where it cannot go on, and then goes on from the end', async (t) => {
    const server = await startServer(t)
    const { position } = await post(server, 'one')
    const reader = await EventReader.open(t, `${roomOf(server)}/events?since=${position.epoch}:9:xx`)
    assert.equal((await reader.nextOf('reset')).reason, 'ahead')
    assert.deepEqual(parsePosition(reader.lastEventId), position)
    await post(server, 'two')
    assert.equal((await reader.nextOf('change')).message.text, 'two')
  })

  test('does not begin at what is no position', async (t) => {
    const server = await startServer(t)
    await assertRefused([400, 'bad_command'], ask(`${roomOf(server)}/events?since=42`))
    await assertRefused(
      [400, 'bad_command'],
      ask(`${roomOf(server)}/events`, 'GET', undefined, { 'Last-Event-ID': 'nonsense' }),
    )
  })

  test('ends when the server does, with the time to come back', async (t) => {
    const server = await startServer(t)
    const reader = await EventReader.open(t, `${roomOf(server)}/events`)
    const closing = server.close()
    const { retryInMs } = await reader.nextOf('goodbye')
    await reader.ended()
    assert.equal(reader.retryMs, retryInMs)
    await closing
  })

  test('sends a browser back while the log cannot be reached, since one that is refused never comes back', async (t) => {
    const server = await startServer(t, { backend: brokenBackend(() => ({ subscribe: away })), onError: () => {} })
    const reader = await EventReader.open(t, `${roomOf(server)}/events`, { Accept: 'text/event-stream' })
    assert.equal((await reader.nextOf('goodbye')).retryInMs, 2_000)
    assert.equal(reader.retryMs, 2_000)
    await reader.ended()
  })

  test('that nobody reads any more is let go of', async (t) => {
    const closed = Promise.withResolvers<number>()
    const opened: string[] = []
    const server = await startServer(t, {
      maxConnections: 1,
      observer: observing({
        onOpen: (_peer, dialect) => opened.push(dialect),
        onClose: (_peer, { code }) => closed.resolve(code),
      }),
    })
    const aborter = new AbortController()
    await fetch(`${roomOf(server)}/events`, { signal: aborter.signal })
    assert.deepEqual(opened, ['sse'])
    const { headers } = await assertRefused([429, 'rate_limited'], ask(`${roomOf(server)}/events`))
    assert.equal(headers.get('Retry-After'), '30')
    aborter.abort()
    assert.equal(await closed.promise, 1006)
    await (await EventReader.open(t, `${roomOf(server)}/events`)).nextOf('changes')
  })

  test('is not opened by asking for its headers alone', async (t) => {
    const opened: string[] = []
    const server = await startServer(t, { observer: observing({ onOpen: (_peer, dialect) => opened.push(dialect) }) })
    const { status, headers } = await fetch(`${roomOf(server)}/events`, { method: 'HEAD' })
    assert.deepEqual([status, headers.get('X-Accel-Buffering'), opened], [200, 'no', []])
  })

  test('that is not read costs others nothing, is ended after a while, and goes on where it was', async (t) => {
    const closed = Promise.withResolvers<number>()
    const server = await startServer(t, {
      ...NO_RATE_LIMITS,
      slowReaderMs: 1_000,
      observer: observing({ onClose: (_peer, { code }) => closed.resolve(code) }),
    })
    const slow = await EventReader.open(t, `${roomOf(server)}/events`)
    await slow.nextOf('changes')
    const quick = await EventReader.open(t, `${roomOf(server)}/events`)
    const peer = await greet(t, server.socketUrl)
    const last = 2_500
    const reading = readUpTo(quick, 0, last)
    for (let n = 0; n < last; n += 50)
      await Promise.all(Array.from({ length: 50 }, () => peer.post('tea', 'x'.repeat(4_000))))
    await reading
    assert.equal(await closed.promise, 1013)
    const reached = await readWhatCame(slow)
    const again = await EventReader.open(t, `${roomOf(server)}/events`, { 'Last-Event-ID': slow.lastEventId })
    await readUpTo(again, reached, last)
  })
})

/** Reads on from `seq` to `last`; fails at a gap. */
async function readUpTo(reader: EventReader, seq: number, last: number): Promise<void> {
  for (let at = seq; at < last;) at = await readNext(reader, at)
}

/** Reads to the end of a stream that was ended; returns the seq it reached. Fails at a gap. */
async function readWhatCame(reader: EventReader): Promise<number> {
  let at = 0
  try {
    for (;;) at = await readNext(reader, at)
  } catch (error) {
    // Broken off where it was not read for so long.
    assert.ok(!(error instanceof assert.AssertionError), String(error))
  }
  return at
}

async function readNext(reader: EventReader, at: number): Promise<number> {
  const { data } = await reader.next()
  assert.ok(data.type === 'change' || data.type === 'changes')
  const [after, next] = data.type === 'change' ? [data.seq - 1, data.seq] : [data.after, data.position.seq]
  assert.equal(after, at, 'the next change is not the next one')
  return next
}
