import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import { redisFor } from '../contracts/redis-helpers.ts'
import { greet, openSocket } from '../helpers.ts'
import { startRedis } from '../helpers/redis.ts'
import { runNatter, startServerProcess } from '../server-process.ts'
import type { ServerProcess } from '../server-process.ts'
import { assertFails } from './refusal.ts'

/** What a platform grants: 10 s, and something for a busy machine. */
const WITHIN_MS = 12_000

const redis = await startRedis()
after(() => redis.close())

interface LogLine {
  readonly event: string
  readonly worker?: number
  readonly pid?: number
  readonly restartInMs?: number
}

/** A chat of its own on the Redis, with so many workers. */
function startWorkers(t: TestContext, workers: number, url = redis.url): Promise<ServerProcess> {
  const env = { WEB_CONCURRENCY: String(workers) }
  return startServerProcess(t, { env, args: ['--redis', url, '--redis-prefix', t.name.replaceAll(/\W/g, '-')] })
}

/** Every line is a whole object, whoever wrote it. */
function logOf({ lines }: ServerProcess): LogLine[] {
  return lines.map((line) => JSON.parse(line) as LogLine)
}

function pidOf(server: ServerProcess, worker: number): number {
  const line = logOf(server).findLast((one) => one.event === 'worker is ready' && one.worker === worker)
  assert.ok(line?.pid)
  return line.pid
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function stop(server: ServerProcess): Promise<void> {
  server.child.kill('SIGTERM')
  const { code, stderr } = await server.exited
  assert.deepEqual([code, stderr], [0, ''])
}

suite('workers', { concurrency: 2 }, () => {
  test('WEB_CONCURRENCY=3 serves with three processes on one port, which are one chat and write one log', async (t) => {
    const server = await startWorkers(t, 3)
    const sockets = []
    for (let number = 0; number < 6; number++) sockets.push(await greet(t, server, `Guest ${number}`))
    await Promise.all(sockets.map((socket) => socket.ask({ type: 'join', room: 'tea' })))
    await sockets[0]?.ask({ type: 'post', room: 'tea', key: 'key-00000000', text: 'hi' })
    for (const socket of sockets) await socket.next(({ type }) => type === 'change')
    await stop(server)
    const opened = Map.groupBy(
      logOf(server).filter(({ event }) => event === 'open'),
      ({ worker }) => worker,
    )
    assert.deepEqual(
      [1, 2, 3].map((worker) => opened.get(worker)?.length),
      [2, 2, 2],
    )
    assert.equal(logOf(server).filter(({ event }) => event === 'ready').length, 1)
  })

  test('SIGTERM, repeated too, ends all workers, and every client is told when to come back', async (t) => {
    const server = await startWorkers(t, 2)
    const sockets = [await greet(t, server), await greet(t, server), await greet(t, server), await greet(t, server)]
    const pids = [pidOf(server, 1), pidOf(server, 2)]
    // As a platform does that signals every process there is, and does it again.
    for (const pid of pids) process.kill(pid, 'SIGTERM')
    server.child.kill('SIGTERM')
    for (const socket of sockets) {
      await socket.next(({ type }) => type === 'goodbye')
      server.child.kill('SIGTERM')
      assert.equal((await socket.closed).code, 1012)
    }
    const { code, stderr } = await server.exited
    assert.deepEqual([code, stderr], [0, ''])
    assert.ok(!pids.some(isRunning))
  })

  test('a worker that is killed is started again, and the others go on', async (t) => {
    const server = await startWorkers(t, 2)
    const sockets = [await greet(t, server), await greet(t, server)]
    await Promise.all(sockets.map((socket) => socket.ask({ type: 'join', room: 'tea' })))
    const killed = pidOf(server, 1)
    process.kill(killed, 'SIGKILL')
    const [cut, other] = await Promise.race(
      sockets.map(async (socket, index) => (await socket.closed, [socket, sockets[1 - index]])),
    )
    assert.equal((await cut?.closed)?.code, 1006)
    const stored = await other?.ask({ type: 'post', room: 'tea', key: 'key-00000000', text: 'still here' })
    assert.equal(stored?.['type'], 'ack')
    await server.line(
      (line) => line.includes('"worker is ready"') && line.includes('"worker":1') && !line.includes(`"pid":${killed}`),
    )
    const returned = [await greet(t, server), await greet(t, server)]
    for (const socket of returned) assert.equal((await socket.ask({ type: 'join', room: 'tea' }))['type'], 'joined')
    await stop(server)
  })

  test('what all workers find when they start is said once, by nobody in particular, as is that the chat is ready', async (t) => {
    const own = await redisFor(t, '--appendonly', 'no')
    const server = await startWorkers(t, 3, own.url)
    process.kill(pidOf(server, 1), 'SIGKILL')
    const starts = (): number => logOf(server).filter(({ event }) => event === 'worker is ready').length
    await server.line((line) => line.includes('"worker is ready"') && starts() === 4)
    await stop(server)
    const said = logOf(server).filter(({ event }) => event === 'ready' || event.includes('append-only file'))
    assert.deepEqual(
      said.map(({ worker }) => worker),
      [undefined, undefined],
    )
  })

  test('a scrape of /metrics, whichever worker answers it, has the numbers of all of them, each by its own', async (t) => {
    const server = await startWorkers(t, 2)
    for (let number = 0; number < 4; number++) await greet(t, server)
    const answered = new Set<string>()
    while (answered.size < 2) {
      // A connection of its own, as they are handed out by turns.
      const response = await fetch(`${server.url}/metrics`, { headers: { Connection: 'close' } })
      assert.match(response.headers.get('Content-Type') ?? '', /^text\/plain; version=0\.0\.4/)
      const page = await response.text()
      const opened = page.matchAll(/^natter_opened_total\{dialect="natter\.v1",worker="(\d)"\} (\d+)$/gm)
      assert.deepEqual(Object.fromEntries([...opened].map(([, worker, count]) => [worker, count])), { 1: '2', 2: '2' })
      assert.equal(page.match(/^# TYPE natter_opened_total /gm)?.length, 1)
      for (const { event, worker } of logOf(server)) if (event === 'request' && worker) answered.add(String(worker))
    }
    await stop(server)
  })

  test('a worker that cannot come back is tried again, later each time, until it can', async (t) => {
    const own = await redisFor(t)
    const server = await startWorkers(t, 2, own.url)
    await own.kill()
    process.kill(pidOf(server, 2), 'SIGKILL')
    await server.line((line) => line.includes('"restartInMs":800'))
    const restarts = logOf(server).flatMap(({ restartInMs = [] }) => restartInMs)
    assert.deepEqual(restarts, [200, 400, 800])
    assert.equal((await fetch(`${server.url}/live`)).status, 200)
    const returns = server.lines.length
    await own.restart()
    await server.line((line) => line.includes('"worker is ready"') && server.lines.indexOf(line) >= returns)
    server.child.kill('SIGTERM')
    assert.equal((await server.exited).code, 0)
  })

  test('when the process that has the workers is killed, they end', async (t) => {
    const server = await startWorkers(t, 2)
    const socket = await openSocket(t, server)
    server.child.kill('SIGKILL')
    await socket.closed
    // Only then: they have the other end of what it wrote errors to.
    const { signal } = await server.exited
    assert.equal(signal, 'SIGKILL')
  })

  test('a worker that hangs is killed within 10 s of a SIGTERM', async (t) => {
    const server = await startWorkers(t, 2)
    const hanging = pidOf(server, 2)
    process.kill(hanging, 'SIGSTOP')
    const since = performance.now()
    server.child.kill('SIGTERM')
    // It has the other end of what errors are written to, so this is its end too.
    const { code } = await server.exited
    assert.equal(code, 0)
    assert.ok(performance.now() - since < WITHIN_MS)
  })

  test('workers without a Redis are refused with what to set', async (t) => {
    await assertFails(
      t,
      { env: { WEB_CONCURRENCY: '2' } },
      /2 processes .*: set REDIS_URL \(without --data\) or --redis, or WEB_CONCURRENCY=1/,
    )
    await assertFails(t, { args: ['--workers', '0'] }, /--workers: must be a whole number from 1 to 1000, not "0"/)
  })

  test('what is wrong for all workers is said once; where one cannot start, all are given up', async (t) => {
    const args = ['--port', '0', '--workers', '3', '--redis']
    await assertFails(t, { args: [...args, 'redis://127.0.0.1:1'] }, /cannot be reached \(ECONNREFUSED\)/)
    // A worker has two connections.
    const small = await redisFor(t, '--maxclients', '3')
    const { code, stderr } = await runNatter(t, { args: [...args, small.url] })
    assert.equal(code, 1)
    assert.match(stderr, /max number of clients/)
    assert.match(stderr, /natter: worker [23] ended before it served \(exit code 1\): giving up\n$/)
  })
})
