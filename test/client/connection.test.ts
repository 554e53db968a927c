import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChatClient, ConnectionState } from '../../src/client.ts'
import { parseName } from '../../src/chat/text.ts'
import { createChatClient } from '../../src/client.ts'
import { CLOSE } from '../../src/protocol/close.ts'
import type { CloseStatus } from '../../src/protocol/close.ts'
import { ChatError } from '../../src/protocol/errors.ts'
import { userCalled } from '../chat/simulation.ts'
import { SimulatedNetwork } from './simulated-network.ts'

/** The states that the client goes through from now on. */
function statuses(chat: ChatClient): ConnectionState['status'][] {
  const seen: ConnectionState['status'][] = []
  chat.on('state', ({ status }) => seen.push(status))
  return seen
}

async function connected(network: SimulatedNetwork, name = 'ada'): Promise<ChatClient> {
  const chat = network.client(name)
  chat.room('tea')
  await network.clock.advance(100)
  return chat
}

function end(network: SimulatedNetwork, status: CloseStatus): void {
  for (const line of network.linesOf()) line.close(status)
}

test('it connects with its first room, and not before', async () => {
  const network = new SimulatedNetwork()
  const chat = network.client('ada')
  const seen = statuses(chat)
  await network.clock.advance(1_000)
  assert.equal(chat.state.status, 'idle')
  chat.room('tea')
  await network.clock.advance(100)
  assert.deepEqual(seen, ['connecting', 'open'])
  assert.deepEqual(chat.state, { status: 'open', user: { id: 'u_ada', name: 'ada' } })
  assert.equal(chat.user?.name, 'ada')
})

test('a room is one object until it is left', async () => {
  const network = new SimulatedNetwork()
  const chat = await connected(network)
  const room = chat.room('tea')
  assert.equal(chat.room('tea'), room)
  room.leave()
  assert.equal(room.state.status, 'left')
  assert.notEqual(chat.room('tea'), room)
  await network.clock.advance(100)
  assert.equal(chat.room('tea').state.status, 'live')
})

test('a room that several hold is left once all of them have let go, and not in the task in which it is held again', async () => {
  const network = new SimulatedNetwork()
  const chat = await connected(network)
  const [first, second] = [chat.hold('tea'), chat.hold('tea')]
  assert.equal(first.room, second.room)
  first.release()
  first.release()
  await network.clock.advance(100)
  assert.equal(second.room.state.status, 'live')
  second.release()
  const third = chat.hold('tea')
  await network.clock.advance(100)
  assert.equal(third.room.state.status, 'live')
  assert.equal(third.room, first.room)
  third.release()
  await network.clock.advance(100)
  assert.equal(third.room.state.status, 'left')
})

test('a token function that has none stops the client until somebody is signed in', async () => {
  const network = new SimulatedNetwork()
  const tokens = [undefined, 'a token']
  const errors: unknown[] = []
  const chat = network.client('ada', { token: () => tokens.shift() })
  chat.on('error', (error) => errors.push(error))
  chat.room('tea')
  await network.clock.advance(60_000)
  assert.deepEqual(chat.state, { status: 'stopped', reason: 'unauthorized' })
  assert.deepEqual([network.lines.size, errors], [0, []])
  assert.equal(chat.isGuest, false)
  chat.connect()
  await network.clock.advance(100)
  assert.equal(network.lines.size, 1)
})

test('what cannot be an address or a room is refused at once, by name', () => {
  assert.throws(() => createChatClient({ url: 'ftp://chat.test' }), /options\.url .*ftp:/)
  assert.throws(() => createChatClient({ url: '/chat' }), TypeError)
  assert.throws(() => createChatClient({ url: 'ws://chat.test' }).room('a b'), RangeError)
})

test('while the server is away it tries again after waits of which the bound doubles', async () => {
  const network = new SimulatedNetwork()
  network.isUp = false
  network.random = () => 1
  const chat = network.client('ada')
  const waits: number[] = []
  chat.on('state', (state) => {
    if (state.status === 'waiting') waits.push(state.retryInMs)
  })
  chat.room('tea')
  await network.clock.advance(200_000)
  assert.deepEqual(waits.slice(0, 8), [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  network.isUp = true
  await network.clock.advance(30_000)
  assert.equal(chat.state.status, 'open')
})

test('a connection that held for a while begins the waits anew, one that did not goes on with them', async () => {
  const network = new SimulatedNetwork()
  network.random = () => 1
  const chat = await connected(network)
  const attempts: number[] = []
  chat.on('state', (state) => {
    if (state.status === 'waiting') attempts.push(state.attempt)
  })
  await network.clock.advance(20_000)
  network.cut()
  await network.clock.advance(1_000)
  network.cut()
  await network.clock.advance(1_500)
  network.cut()
  assert.deepEqual(attempts, [0, 1, 2])
})

test('the network or the page coming back ends the wait', async () => {
  for (const reason of ['online', 'visible'] as const) {
    const network = new SimulatedNetwork()
    network.isUp = false
    network.random = () => 1
    const chat = network.client('ada')
    chat.room('tea')
    await network.clock.advance(20_000)
    assert.equal(chat.state.status, 'waiting')
    network.isUp = true
    network.wake(reason)
    await network.clock.advance(10)
    assert.equal(chat.state.status, 'open')
  }
})

test('a connection on which nothing comes for 45 s is dead', async () => {
  const network = new SimulatedNetwork()
  const chat = await connected(network)
  for (const line of network.lines) line.isDead = true
  await network.clock.advance(44_000)
  assert.equal(chat.state.status, 'open')
  await network.clock.advance(5_000)
  assert.equal(chat.state.status, 'open')
  assert.equal(network.linesOf('ada').filter(({ isDead }) => !isDead).length, 1)
})

test('after a change of networks a dead connection is found out in seconds, and a living one is kept', async () => {
  const network = new SimulatedNetwork()
  const [ada, bob] = [await connected(network, 'ada'), await connected(network, 'bob')]
  const [adaSaw, bobSaw] = [statuses(ada), statuses(bob)]
  for (const line of network.linesOf('ada')) line.isDead = true
  network.wake('online')
  await network.clock.advance(5_000)
  assert.deepEqual(adaSaw, ['waiting', 'connecting', 'open'])
  assert.deepEqual(bobSaw, [])
})

test('a page that slept past the silence reconnects when it is shown, whatever its timers do', async () => {
  const network = new SimulatedNetwork()
  let sleptMs = 0
  const chat = network.client('ada', {
    environment: { now: () => network.clock.now() + sleptMs },
  })
  chat.room('tea')
  await network.clock.advance(100)
  const seen = statuses(chat)
  sleptMs = 60_000
  network.wake('visible')
  await network.clock.advance(100)
  assert.deepEqual(seen, ['connecting', 'open'])
})

test('a clock that is set back hides a dead connection for two minutes at most', async () => {
  const network = new SimulatedNetwork()
  let setBackMs = 0
  const chat = network.client('ada', { environment: { now: () => network.clock.now() - setBackMs } })
  chat.room('tea')
  await network.clock.advance(100)
  setBackMs = 3_600_000
  for (const line of network.lines) line.isDead = true
  const seen = statuses(chat)
  await network.clock.advance(120_000)
  assert.deepEqual(seen, ['waiting', 'connecting', 'open'])
})

test('a deploy: it comes back when the server said, not before, even if it is woken', async () => {
  const network = new SimulatedNetwork()
  const chat = await connected(network)
  const closed = network.simulation.chat.close({ spreadMs: 4_000 })
  await network.clock.advance(100)
  const state = chat.state
  assert.equal(state.status, 'waiting')
  assert.ok(state.status === 'waiting' && state.retryInMs <= 4_000)
  network.wake('visible')
  assert.equal(chat.state.status, 'waiting')
  await network.restart()
  await closed
  await network.clock.advance(4_100)
  assert.equal(chat.state.status, 'open')
})

for (const [name, status] of Object.entries(CLOSE)) {
  test(`closed as ${status.code} ${name}: ${status.advice}`, async () => {
    const network = new SimulatedNetwork()
    network.random = () => 0
    const chat = await connected(network)
    const seen = statuses(chat)
    end(network, status)
    await network.clock.advance(1_000)
    if (status.advice === 'stop') assert.deepEqual(seen, ['stopped'])
    if (status.advice === 'reconnect') assert.deepEqual(seen, ['waiting', 'connecting', 'open'])
    if (status.advice === 'token') assert.deepEqual(seen, ['connecting', 'open'])
    if (status.advice === 'later') {
      network.wake('online')
      assert.deepEqual(seen, ['waiting'])
      await network.clock.advance(5_000)
      assert.deepEqual(seen, ['waiting', 'connecting', 'open'])
    }
  })
}

test('a refused token is renewed once; refused again, the client stops until it is told to connect', async () => {
  const network = new SimulatedNetwork({
    identify: ({ token }) => {
      if (token === 'good') return Promise.resolve(userCalled('Ada', 'u_ada'))
      return Promise.reject(new ChatError('unauthorized', 'no'))
    },
  })
  const asked: boolean[] = []
  let token = 'stale'
  const chat = network.client('', {
    token: (refused) => {
      asked.push(refused)
      return token
    },
  })
  chat.room('tea')
  await network.clock.advance(1_000)
  assert.deepEqual(chat.state, { status: 'stopped', reason: 'unauthorized' })
  assert.deepEqual(asked, [false, true])

  token = 'good'
  chat.connect()
  await network.clock.advance(1_000)
  assert.equal(chat.state.status, 'open')
  assert.equal(chat.room('tea').state.status, 'live')

  network.cut()
  await network.clock.advance(10_000)
  assert.deepEqual(asked, [false, true, true, false])
})

test('a token that cannot be fetched is asked for again after a wait, and the fault is told', async () => {
  const network = new SimulatedNetwork()
  let calls = 0
  const errors: unknown[] = []
  const chat = network.client('ada', {
    token: () => (++calls < 3 ? Promise.reject(new Error('offline')) : Promise.resolve('token')),
  })
  chat.on('error', (error, { stage }) => errors.push(`${stage}: ${String(error)}`))
  chat.room('tea')
  await network.clock.advance(10_000)
  assert.equal(chat.state.status, 'open')
  assert.deepEqual(errors, ['token: Error: offline', 'token: Error: offline'])
})

test('a token function that never answers is asked again, and the fault is told', async () => {
  const network = new SimulatedNetwork()
  let calls = 0
  const errors: unknown[] = []
  const chat = network.client('ada', { token: () => (++calls === 1 ? new Promise(() => {}) : 'token') })
  chat.on('error', (error, { stage }) => errors.push(`${stage}: ${String(error)}`))
  chat.room('tea')
  await network.clock.advance(29_000)
  assert.deepEqual(errors, [])
  await network.clock.advance(2_000)
  assert.deepEqual(errors, ['token: Error: no token came in 30 seconds'])
  assert.equal(chat.state.status, 'open')
})

for (const code of ['unavailable', 'rate_limited', 'conflict', 'internal'] as const) {
  test(`a hello refused as ${code} is said again, by a connection after the wait that the server asked for`, async () => {
    let calls = 0
    const network = new SimulatedNetwork({
      identify: ({ name = '' }) =>
        ++calls < 3
          ? Promise.reject(new ChatError(code, 'not now', { retryAfterMs: 4_000 }))
          : Promise.resolve(userCalled(name, 'u_ada')),
    })
    const chat = network.client('ada')
    const seen = statuses(chat)
    const errors: unknown[] = []
    chat.on('error', (error, { stage }) => errors.push(`${stage}: ${(error as ChatError).code}`))
    chat.room('tea')
    await network.clock.advance(100)
    network.wake('visible')
    await network.clock.advance(3_800)
    assert.deepEqual(seen, ['connecting', 'waiting'])
    assert.equal(network.lines.size, 0)
    await network.clock.advance(10_000)
    assert.deepEqual(seen, ['connecting', 'waiting', 'connecting', 'waiting', 'connecting', 'open'])
    assert.deepEqual(errors, Array(2).fill(`connect: ${code}`))
    assert.equal(chat.room('tea').state.status, 'live')
  })
}

test('a server that refuses every hello for now is asked ever less often', async () => {
  const network = new SimulatedNetwork({ identify: () => Promise.reject(new ChatError('unavailable', 'not now')) })
  network.random = () => 1
  const chat = network.client('ada')
  const waits: number[] = []
  chat.on('state', (state) => {
    if (state.status === 'waiting') waits.push(state.retryInMs)
  })
  chat.room('tea')
  await network.clock.advance(40_000)
  assert.deepEqual(waits.slice(0, 5), [1_000, 2_000, 4_000, 8_000, 16_000])
})

test('a name that the server refuses keeps nobody out: the guest is the same, under another name, and the refusal is told', async () => {
  const network = new SimulatedNetwork({
    identify: async ({ name }) => userCalled(name === undefined ? 'Guest 1' : parseName(name, 3), 'u_ada'),
  })
  const chat = network.client('ada')
  const errors: string[] = []
  chat.on('error', (error, { stage }) => errors.push(`${stage}: ${(error as ChatError).code}`))
  chat.room('tea')
  await network.clock.advance(1_000)
  chat.setName('adalbert')
  await network.clock.advance(1_000)
  assert.deepEqual(chat.user, { id: 'u_ada', name: 'Guest 1' })
  assert.equal(chat.room('tea').state.status, 'live')
  assert.deepEqual(errors, ['name: bad_command'])

  network.cut()
  await network.clock.advance(2_000)
  assert.equal(chat.state.status, 'open')
  assert.equal(errors.length, 1)
  chat.setName('Bo')
  await network.clock.advance(1_000)
  assert.deepEqual(chat.user, { id: 'u_ada', name: 'Bo' })
})

test('what could pass for another name is not said to the server', async () => {
  const network = new SimulatedNetwork()
  const chat = await connected(network, ' ada\u202E\n')
  assert.equal(chat.user?.name, 'ada')
})

test('a hello that is refused without its name too stops the client', async () => {
  const network = new SimulatedNetwork({ identify: () => Promise.reject(new ChatError('bad_command', 'no')) })
  const chat = network.client('ada')
  const errors: string[] = []
  chat.on('error', (error, { stage }) => errors.push(`${stage}: ${(error as ChatError).code}`))
  chat.room('tea')
  await network.clock.advance(1_000)
  assert.deepEqual(chat.state, { status: 'stopped', reason: 'protocol' })
  assert.deepEqual(errors, ['connect: bad_command'])
})

test('close() leaves nothing behind: no line, no timer, no state to come', async () => {
  const network = new SimulatedNetwork()
  const chat = await connected(network)
  const room = chat.room('tea')
  chat.close()
  const seen = statuses(chat)
  await network.clock.advance(120_000)
  network.wake('online')
  chat.connect()
  await network.clock.advance(1_000)
  assert.deepEqual(chat.state, { status: 'stopped', reason: 'closed' })
  assert.equal(room.state.status, 'left')
  assert.deepEqual(seen, [])
  assert.equal(network.lines.size, 0)
})
