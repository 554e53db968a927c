import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Key, MessageId, RoomId, UserId } from '../../protocol/ids.ts'
import { nodeEnvironment } from '../environment.ts'
import type { Append } from '../backend.ts'
import { RedisAddresses } from './addresses.ts'
import type { RedisServer } from './client.ts'
import { RedisConnection } from './connection.ts'
import { RedisKeys } from './keys.ts'
import { RedisLineages } from './lineages.ts'
import { RedisLog } from './log.ts'
import { RedisScripts } from './scripts.ts'
import { RedisServers } from './servers.ts'
import { DEFAULT_TIMINGS } from './timings.ts'

const CALL_TIMEOUT_MS = 150

/** A server that answers each append after some milliseconds with what `answer` says of its key. */
class Server implements RedisServer {
  readonly #answer: (key: string) => readonly string[] | undefined
  readonly #unanswered = new Set<(error: Error) => void>()

  constructor(answer: (key: string) => readonly string[] | undefined) {
    this.#answer = answer
  }

  sendCommand([name, ...args]: readonly string[]): Promise<unknown> {
    if (name === 'INFO') return Promise.resolve('cluster_enabled:0')
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#unanswered.add(reject)
    const key = args.find((arg) => arg.endsWith('one') || arg.endsWith('two')) ?? ''
    setTimeout(() => {
      const answer = this.#answer(key.slice(-3))
      if (answer) resolve(answer)
    }, 5)
    return promise
  }

  async connect(): Promise<void> {}
  async sSubscribe(): Promise<void> {}
  async sUnsubscribe(): Promise<void> {}
  on(): void {}

  destroy(): void {
    for (const reject of this.#unanswered) reject(new Error('the socket is closed'))
  }
}

/** A log, and what ended its connection to the server, if something did. */
async function openLog(t: TestContext, server: Server): Promise<{ log: RedisLog; losses: Error[] }> {
  const losses: Error[] = []
  const addresses = new RedisAddresses(new URL('redis://127.0.0.1:6379'))
  const connection = new RedisConnection({
    createClient: () => new RedisServers(() => server, addresses),
    prepare: async () => {},
    onOpen: () => {},
    onLost: (cause) => losses.push(cause),
    timings: { ...DEFAULT_TIMINGS, callTimeoutMs: CALL_TIMEOUT_MS, watchIntervalMs: 10 },
  })
  t.after(() => connection.close())
  await connection.open()
  const [scripts, keys] = [new RedisScripts(), new RedisKeys('natter', 0)]
  const lineages = new RedisLineages(scripts, keys, nodeEnvironment)
  return { log: new RedisLog(connection, scripts, keys, lineages, nodeEnvironment), losses }
}

function post(key: string): Append {
  return {
    room: 'tea' as RoomId,
    sender: 'ada' as UserId,
    key: key as Key,
    messageId: key as MessageId,
    body: '{}',
    digest: key,
  }
}

test('an append that waits its turn for long is no sign that Redis does not answer', async (t) => {
  const putOffUntil = performance.now() + 3 * CALL_TIMEOUT_MS
  const server = new Server((key) =>
    key === 'two' && performance.now() < putOffUntil ? ['early'] : ['appended', 'e', '1', 'tag', '1', ''],
  )
  const { log, losses } = await openLog(t, server)
  const answers = await Promise.all(['one', 'two'].map((key) => log.append(post(key))))
  assert.deepEqual(
    answers.map(({ answer }) => answer.status),
    ['appended', 'appended'],
  )
  assert.deepEqual(losses, [])
})

test('an append that was put off counts from when it is sent again', async (t) => {
  const answers: (readonly string[] | undefined)[] = [['early'], undefined]
  const server = new Server((key) => (key === 'two' ? answers.shift() : ['appended', 'e', '1', 'tag', '1', '']))
  const { log, losses } = await openLog(t, server)
  const [first, second] = [log.append(post('one')), log.append(post('two'))]
  await first
  await assert.rejects(second, { code: 'unavailable' })
  assert.match(losses[0]?.message ?? '', /^no answer for \d+ ms$/)
})
