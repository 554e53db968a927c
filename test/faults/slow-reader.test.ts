import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setInterval } from 'node:timers/promises'
import { NO_RATE_LIMITS, startServer } from '../helpers.ts'
import { enter, greet } from '../protocol/peer.ts'
import type { Peer } from '../protocol/peer.ts'
import { newKey, newRoom } from '../protocol/target.ts'
import { RestartableServer } from './restartable-server.ts'

const TEXT = 'x'.repeat(4_000)
const MEBIBYTE = 2 ** 20
const WARM_UP_MEBIBYTES = 20
const TRAFFIC_MEBIBYTES = 120
/** Kept but once for all who do not read it, the traffic would be more; garbage that waits for its collector is some 40. */
const MAX_GROWTH_MEBIBYTES = 80

const messagesIn = (mebibytes: number): number => Math.floor((mebibytes * MEBIBYTE) / TEXT.length)

/** Posts `count` long messages, a few ahead of the acks. Returns the last seq. */
async function flood(writer: Peer, room: string, count: number): Promise<number> {
  const waiting: number[] = []
  let seq = 0
  for (let sent = 0; sent < count || waiting.length > 0;) {
    if (sent < count && waiting.length < 64) {
      waiting.push(writer.send({ type: 'post', room, key: newKey(), text: TEXT }))
      sent++
    } else seq = (await writer.answer('ack', waiting.shift()!)).position.seq
  }
  return seq
}

/** The value of a metric of the server at `url`. */
async function readMetric(url: string, name: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics) ?? []
  assert.ok(value, `no metric ${name}`)
  return Number(value)
}

/** Takes what reaches `reader` from `seq` to `last`, live or while it is caught up. Fails at a gap. */
async function readOn(reader: Peer, seq: number, last: number): Promise<void> {
  for (let at = seq; at < last;) {
    const event = await reader.nextChanges()
    const [after, next] = event.type === 'change' ? [event.seq - 1, event.seq] : [event.after, event.position.seq]
    assert.equal(after, at, 'the next change is not the next one')
    at = next
  }
}

suite('a client that stops reading', { concurrency: true }, () => {
  test('costs the server no memory and others no message, and is caught up when it reads on', async (t) => {
    const server = await RestartableServer.start(t, ['--slow-reader', '0'])
    const room = newRoom()
    const stalled = await Promise.all(['Ada', 'Bob', 'Eve'].map((name) => enter(t, server.socketUrl, room, name)))
    for (const { ws } of stalled) ws.pause()
    const [reader, writer] = [await enter(t, server.socketUrl, room), await greet(t, server.socketUrl)]

    // The first of it fills what the kernel holds for each connection, and gives the process its size.
    const [warmUp, traffic] = [messagesIn(WARM_UP_MEBIBYTES), messagesIn(TRAFFIC_MEBIBYTES)]
    const reading = readOn(reader, 0, warmUp + traffic)
    await flood(writer, room, warmUp)
    const before = await readMetric(server.url, 'process_resident_memory_bytes')
    const last = await flood(writer, room, traffic)
    const after = await readMetric(server.url, 'process_resident_memory_bytes')
    const growth = (after - before) / MEBIBYTE
    assert.ok(growth < MAX_GROWTH_MEBIBYTES, `the server grew by ${growth} MiB`)
    await reading
    assert.equal(await readMetric(server.url, 'natter_lagging_readers'), stalled.length)

    for (const { ws } of stalled) ws.resume()
    await Promise.all(stalled.map((peer) => readOn(peer, 0, last)))
  })

  test('for 15 s is told to come back later, and resumes where it was', async (t) => {
    const { url, socketUrl } = await startServer(t, NO_RATE_LIMITS)
    const room = newRoom()
    const [slow, writer] = [await enter(t, socketUrl, room), await greet(t, socketUrl)]
    const { position } = await writer.post(room, 'the last it has read')
    await slow.next('change')
    slow.ws.pause()
    const last = await flood(writer, room, 3_000)
    // When it is closed shows nowhere else while it does not read.
    for await (const _ of setInterval(200)) if ((await readMetric(url, 'natter_lagging_readers')) === 0) break
    slow.ws.resume()
    assert.equal((await slow.ended()).code, 1013)
    const again = await greet(t, socketUrl)
    const joined = await again.join(room, position)
    assert.equal(joined.resumed, true)
    await readOn(again, joined.position.seq, last)
  })
})
