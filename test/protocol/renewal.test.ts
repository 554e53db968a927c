import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Speaker } from '../../src/chat/speaker.ts'
import { ChatError } from '../../src/protocol/errors.ts'
import type { RoomId } from '../../src/protocol/ids.ts'
import { SimulatedPeer, simulate, userCalled } from '../chat/simulation.ts'
import type { Simulation } from '../chat/simulation.ts'
import { startServer } from '../helpers.ts'
import { inSeconds, sign, SIGNED_IN } from '../identity/tokens.ts'
import { Peer } from './peer.ts'
import { findTarget, hasOwnServer } from './target.ts'

/** The close code that ended a peer's connection, if one did. */
function codeOf(peer: SimulatedPeer): number | undefined {
  return peer.ended?.code
}

/** A chat whose tokens are like `Ada 10`: the user, and for how many seconds from now. */
function simulateTokens(): Simulation {
  const simulation: Simulation = simulate({
    identify: ({ token = '' }) => {
      const [name = '', seconds] = token.split(' ')
      if (seconds === undefined) return Promise.reject(new ChatError('unauthorized', 'the token was refused'))
      return Promise.resolve({ ...userCalled(name), expiresAt: simulation.clock.now() + Number(seconds) * 1_000 })
    },
  })
  return simulation
}

async function greet(simulation: Simulation, token: string): Promise<SimulatedPeer> {
  const peer = simulation.connect()
  peer.send({ type: 'hello', token })
  await simulation.clock.settle()
  return peer
}

/** Sends a token and takes the type or the code of what answers it. */
async function renew({ clock }: Simulation, peer: SimulatedPeer, token: string): Promise<string | undefined> {
  const id = peer.send({ type: 'token', token })
  await clock.settle()
  const answer = peer.allEvents().find((event) => 'id' in event && event.id === id)
  return answer?.type === 'error' ? answer.code : answer?.type
}

test('a connection whose token runs out ends with 4401, soon after and not before', async () => {
  const simulation = simulateTokens()
  const [short, long] = [await greet(simulation, 'Ada 10'), await greet(simulation, 'Bob 30')]
  assert.deepEqual(short.events('welcome')[0]?.expiresInMs, 10_000)
  await simulation.clock.advance(9_900)
  assert.equal(codeOf(short), undefined)
  await simulation.clock.advance(2_000)
  assert.deepEqual([short.ended?.code, short.ended?.reason], [4401, 'the token has expired'])
  assert.equal(codeOf(long), undefined)
  await simulation.clock.advance(20_000)
  assert.equal(codeOf(long), 4401)
})

test('a newer token of the same user keeps the connection, and its rooms, open', async () => {
  const simulation = simulateTokens()
  const peer = await greet(simulation, 'Ada 10')
  peer.send({ type: 'join', room: 'tea' })
  for (let round = 0; round < 3; round++) {
    await simulation.clock.advance(8_000)
    assert.equal(await renew(simulation, peer, 'Ada 10'), 'renewed')
    assert.equal(peer.events('renewed').at(-1)?.expiresInMs, 10_000)
  }
  peer.send({ type: 'post', room: 'tea', key: 'a-key-of-mine', text: 'still here' })
  await simulation.clock.settle()
  assert.equal(peer.events('change').length, 1)
  await simulation.clock.advance(12_000)
  assert.equal(peer.ended?.code, 4401)
})

test('a token of another user is forbidden, one that does not count unauthorized; either leaves the connection as it was', async () => {
  const simulation = simulateTokens()
  const peer = await greet(simulation, 'Ada 10')
  assert.equal(await renew(simulation, peer, 'Bob 60'), 'forbidden')
  assert.equal(await renew(simulation, peer, 'nonsense'), 'unauthorized')
  await simulation.clock.advance(9_000)
  assert.equal(codeOf(peer), undefined)
  await simulation.clock.advance(3_000)
  assert.equal(codeOf(peer), 4401)
})

test('a stream of events ends with the token that it was opened by', async () => {
  const { chat, clock } = simulateTokens()
  const reader = new SimulatedPeer()
  const from = { connectionId: 'c1', address: '127.0.0.1' }
  const speaker = new Speaker({ ...userCalled('Ada'), expiresAt: clock.now() + 10_000 })
  reader.connect(await chat.follow(reader, from, speaker, 'tea' as RoomId, undefined))
  await clock.advance(9_000)
  assert.equal(codeOf(reader), undefined)
  await clock.advance(3_000)
  assert.equal(codeOf(reader), 4401)
})

// Ended connections were kept until their tokens would have run out.
test('a connection that ended before its token did is not ended again', async () => {
  const simulation = simulateTokens()
  const peer = await greet(simulation, 'Ada 10')
  peer.cut()
  await simulation.clock.advance(12_000)
  assert.equal(peer.ended, undefined)
})

test('where there are no tokens, token is refused', async (t) => {
  const peer = await Peer.connect(t, await findTarget(t))
  await peer.hello()
  await peer.refusal('unauthorized', { type: 'token', token: 'x' })
  await peer.post('lobby', 'still here')
})

if (hasOwnServer) {
  test('a signed token is renewed over a socket; what it says anew is what is written under', async (t) => {
    const { socketUrl } = await startServer(t, SIGNED_IN)
    const peer = await Peer.connect(t, socketUrl)
    const welcome = await peer.hello({ token: await sign({ exp: inSeconds(60) }) })
    assert.ok(welcome.expiresInMs! > 50_000 && welcome.expiresInMs! <= 65_000)
    await peer.join('lobby')
    const token = await sign({ exp: inSeconds(600), name: 'Countess' })
    const renewed = await peer.ask('renewed', { type: 'token', token })
    assert.deepEqual(renewed.user, { id: 'ada', name: 'Countess' })
    assert.ok(renewed.expiresInMs! > 500_000)
    const { message } = await peer.refusal('unauthorized', {
      type: 'token',
      token: await sign({ exp: inSeconds(-60) }),
    })
    assert.match(message, /it has expired/)
    await peer.refusal('forbidden', { type: 'token', token: await sign({ sub: 'bob' }) })
    await peer.post('lobby', 'hi')
    assert.equal((await peer.next('change')).message.author.name, 'Countess')
  })
}
