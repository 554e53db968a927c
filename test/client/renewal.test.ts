import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatClient, ChatClientOptions, ConnectionState } from '../../src/client.ts'
import { ChatError } from '../../src/protocol/errors.ts'
import { userCalled } from '../chat/simulation.ts'
import { startServer } from '../helpers.ts'
import { startClient, until } from '../helpers/clients.ts'
import { sign, SIGNED_IN } from '../identity/tokens.ts'
import { SimulatedNetwork } from './simulated-network.ts'

type TokenFunction = NonNullable<ChatClientOptions['token']>

/** An app on a simulated network, whose tokens are like `Ada 60`: the user, and for how many seconds from when they are shown. */
class App {
  readonly network: SimulatedNetwork = new SimulatedNetwork({
    identify: ({ token = '' }) => {
      const [name = '', seconds] = token.split(' ')
      if (this.isBusy) return Promise.reject(new ChatError('unavailable', 'not now', { retryAfterMs: 2_000 }))
      if (seconds === undefined) return Promise.reject(new ChatError('unauthorized', `not with "${token}"`))
      return Promise.resolve({ ...userCalled(name), expiresAt: this.network.clock.now() + Number(seconds) * 1_000 })
    },
  })
  /** Whether the chat cannot ask the app at present. */
  isBusy = false
  /** What the client called its token function with. */
  readonly asked: boolean[] = []
  readonly seen: string[] = []

  /** A client in a room, whose states and refusals are `seen`. */
  async client(token: TokenFunction): Promise<ChatClient> {
    const chat = this.network.client('ada', {
      token: (refused) => {
        this.asked.push(refused)
        return token(refused)
      },
    })
    chat.on('state', (state) => this.seen.push(describe(state)))
    chat.on('unauthorized', ({ message }, { final }) => this.seen.push(`${final ? 'at last' : 'once'}: ${message}`))
    chat.on('error', (error, { stage }) => this.seen.push(`${stage}: ${String(error)}`))
    chat.room('tea')
    await this.pass(1)
    return chat
  }

  pass(seconds: number): Promise<void> {
    return this.network.clock.advance(seconds * 1_000)
  }
}

function describe(state: ConnectionState): string {
  return state.status === 'stopped' ? `stopped: ${state.reason}` : state.status
}

test('a token is followed by another before it runs out, and the socket stays', async () => {
  const app = new App()
  const chat = await app.client(() => 'Ada 600')
  await app.pass(538)
  assert.deepEqual(app.asked, [false])
  await app.pass(3_600)
  assert.equal(app.network.lines.size, 1)
  assert.deepEqual(app.seen, ['connecting', 'open'])
  assert.equal(app.asked.length, 1 + Math.floor((538 + 3_600) / 540))
  assert.ok(app.asked.every((refused) => !refused))
  assert.equal(chat.room('tea').state.status, 'live')
})

test('a short token is followed by another after four fifths of its life', async () => {
  const app = new App()
  await app.client(() => 'Ada 20')
  await app.pass(14)
  assert.equal(app.asked.length, 1)
  await app.pass(2)
  assert.equal(app.asked.length, 2)
  assert.equal(app.network.lines.size, 1)
})

test('a token that is not taken is fetched afresh once, which is told, and the socket stays', async () => {
  const app = new App()
  const tokens = ['Ada 20', 'stale', 'Ada 600']
  await app.client(() => tokens.shift() ?? 'Ada 600')
  await app.pass(100)
  assert.deepEqual(app.asked, [false, false, true])
  assert.deepEqual(app.seen, ['connecting', 'open', 'once: not with "stale"'])
  assert.equal(app.network.lines.size, 1)
})

test('where the fresh one is not taken either the client stops, which is told, until the user signed in', async () => {
  const app = new App()
  let token = 'Ada 20'
  const chat = await app.client(() => token)
  token = 'signed-out'
  await app.pass(30)
  assert.deepEqual(app.asked, [false, false, true])
  const refusals = ['once: not with "signed-out"', 'at last: not with "signed-out"']
  assert.deepEqual(app.seen, ['connecting', 'open', ...refusals, 'stopped: unauthorized'])
  await app.pass(600)
  assert.equal(app.asked.length, 3)

  token = 'Ada 600'
  chat.connect()
  await app.pass(1)
  assert.equal(chat.state.status, 'open')
})

test('where nobody is signed in any more when a token is due, the client stops without asking the server', async () => {
  const app = new App()
  let token: string | undefined = 'Ada 20'
  await app.client(() => token)
  token = undefined
  await app.pass(30)
  assert.deepEqual(app.seen, ['connecting', 'open', 'at last: nobody is signed in', 'stopped: unauthorized'])
})

test('a first token that is not taken is told of in the same way', async () => {
  const app = new App()
  await app.client(() => 'nobody')
  const refusals = ['once: not with "nobody"', 'connecting', 'at last: not with "nobody"']
  assert.deepEqual(app.seen, ['connecting', ...refusals, 'stopped: unauthorized'])
})

test('an app that cannot give a token at present is asked again, and the connection outlives that', async () => {
  const app = new App()
  let calls = 0
  await app.client(() => {
    if (++calls === 2) throw new Error('offline')
    return 'Ada 60'
  })
  await app.pass(60)
  assert.deepEqual(app.seen, ['connecting', 'open', 'token: Error: offline'])
  assert.equal(app.network.lines.size, 1)
})

test('a server that cannot check a token at present is shown it again when it says', async () => {
  const app = new App()
  await app.client(() => 'Ada 60')
  app.isBusy = true
  await app.pass(50)
  app.isBusy = false
  await app.pass(60)
  assert.deepEqual(app.seen, ['connecting', 'open'])
})

test('an app that never answers loses the connection, not the client', async () => {
  const app = new App()
  let calls = 0
  await app.client(() => (++calls === 2 ? new Promise(() => {}) : 'Ada 20'))
  await app.pass(30)
  assert.deepEqual(app.seen, ['connecting', 'open', 'connecting', 'open'])
  assert.deepEqual(app.asked.slice(0, 3), [false, false, true])
})

test('a token of another user makes another connection, as that user', async () => {
  const app = new App()
  let token = 'Ada 20'
  const chat = await app.client(() => token)
  token = 'Bob 600'
  await app.pass(20)
  assert.equal(chat.user?.name, 'Bob')
  assert.deepEqual(app.seen, ['connecting', 'open', 'connecting', 'open'])
})

test('a token for years does not make a timer fire at once', async () => {
  const app = new App()
  await app.client(() => `Ada ${10 * 365 * 86_400}`)
  await app.pass(3_600)
  assert.deepEqual(app.asked, [false])
})

test('after close nothing is renewed', async () => {
  const app = new App()
  const chat = await app.client(() => 'Ada 20')
  chat.close()
  await app.pass(60)
  assert.deepEqual(app.asked, [false])
})

test('over a real socket, real tokens are renewed without a reconnect', async (t) => {
  const { socketUrl } = await startServer(t, SIGNED_IN)
  const now = Math.floor(Date.now() / 1_000)
  const { promise: askedAgain, resolve } = Promise.withResolvers<void>()
  let tokens = 0
  // Five seconds are forgiven, and a fifth of the time is left when the next one is fetched: that is after a second or two.
  const token = (): Promise<string> => {
    if (++tokens === 2) resolve()
    return sign({ exp: now + (tokens === 1 ? -3 : 600) })
  }
  const chat = startClient(t, { url: socketUrl, token })
  const seen: string[] = []
  chat.on('state', (state) => seen.push(describe(state)))
  const room = chat.room('lobby')
  await until(room, ({ status }) => status === 'live')
  await askedAgain
  await room.post('still here').stored
  assert.deepEqual(seen, ['connecting', 'open'])
})
