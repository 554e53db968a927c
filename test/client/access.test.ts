import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AskedMessage } from '../../src/chat/message-hook.ts'
import { ChatError } from '../../src/client.ts'
import type { UserId } from '../../src/client.ts'
import { userCalled } from '../chat/simulation.ts'
import { SimulatedNetwork } from './simulated-network.ts'

test('a room that is lost says so, keeps what was read, and gets no more', async () => {
  const barred = new Set<string>()
  const network = new SimulatedNetwork({ access: { timeoutMs: 1_000, authorize: ({ name }) => !barred.has(name) } })
  const [ada, eve] = [network.client('ada').room('tea'), network.client('eve').room('tea')]
  await network.clock.advance(100)
  ada.post('for all')
  await network.clock.advance(100)
  barred.add('eve')
  await network.simulation.chat.revalidate('u_eve' as UserId)
  ada.post('not for eve')
  ada.setTyping(true)
  await network.clock.advance(20_000)
  assert.deepEqual(
    [eve.state.status, eve.state.status === 'failed' && eve.state.code, eve.state.messages.map(({ text }) => text)],
    ['failed', 'forbidden', ['for all']],
  )
  assert.deepEqual(eve.state.typing, [])
  const { stored } = eve.post('still here?')
  await network.clock.advance(100)
  await assert.rejects(stored, { code: 'room_not_found' })
})

test('after the access is back, the room goes on where it was with the next connection', async () => {
  const barred = new Set<string>()
  const network = new SimulatedNetwork({ access: { timeoutMs: 1_000, authorize: ({ name }) => !barred.has(name) } })
  const [ada, eve] = [network.client('ada').room('tea'), network.client('eve').room('tea')]
  await network.clock.advance(100)
  barred.add('eve')
  await network.simulation.chat.revalidate('u_eve' as UserId)
  ada.post('meanwhile')
  await network.clock.advance(2_000)
  barred.clear()
  network.cut('eve')
  await network.clock.advance(2_000)
  assert.deepEqual([eve.state.status, eve.state.messages.map(({ text }) => text)], ['live', ['meanwhile']])
})

test('a user who is disconnected gets a new token, and stays away where there is none', async () => {
  const asked: boolean[] = []
  let isKnown = true
  const network = new SimulatedNetwork({
    identify: ({ token }) => {
      if (token !== 'good') throw new ChatError('unauthorized', 'no such user')
      return Promise.resolve(userCalled('eve'))
    },
  })
  const client = network.client('eve', {
    token: (refused) => {
      asked.push(refused)
      return isKnown ? 'good' : 'bad'
    },
  })
  client.room('tea')
  await network.clock.advance(100)
  await network.simulation.chat.disconnect('u_eve' as UserId)
  await network.clock.advance(100)
  assert.deepEqual([client.state.status, asked], ['open', [false, true]])
  isKnown = false
  await network.simulation.chat.disconnect('u_eve' as UserId)
  await network.clock.advance(100)
  assert.deepEqual(client.state, { status: 'stopped', reason: 'unauthorized' })
})

test('a message that is held waits in its place, and is shown as sent once it is let through', async () => {
  const held: AskedMessage[] = []
  const network = new SimulatedNetwork({
    hook: {
      beforeMessage: (message) => {
        if (message.text === 'no') return { refuse: 'not here' }
        held.push(message)
        return { hold: 'somebody looks at it' }
      },
      timeoutMs: 1_000,
      onFailure: 'refuse',
    },
  })
  const [ada, bob] = [network.client('ada').room('tea'), network.client('bob').room('tea')]
  await network.clock.advance(100)
  ada.post('yes')
  ada.post('no')
  await network.clock.advance(100)
  const shown = ada.state.messages.map(({ delivery }) =>
    delivery.status === 'failed' ? [delivery.code, delivery.message, delivery.retryable] : [delivery.status],
  )
  assert.deepEqual(shown, [
    ['held', 'somebody looks at it', false],
    ['refused', 'not here', false],
  ])
  assert.deepEqual(bob.state.messages, [])
  await network.simulation.settled(network.simulation.chat.release(held[0]!))
  await network.clock.advance(100)
  assert.deepEqual(
    ada.state.messages.map(({ text, delivery }) => [text, delivery.status]),
    [
      ['yes', 'stored'],
      ['no', 'failed'],
    ],
  )
  assert.deepEqual(
    bob.state.messages.map(({ text }) => text),
    ['yes'],
  )
})

for (const [name, text] of [
  ['as it was', 'edited'],
  ['with another text', 'edited by the app'],
] as const) {
  test(`an edit that is held waits in its place, and is no more than an edit once it is let through ${name}`, async () => {
    const held: AskedMessage[] = []
    const network = new SimulatedNetwork({
      hook: {
        beforeMessage: (message) => (message.kind === 'edit' ? (held.push(message), { hold: 'wait' }) : undefined),
        timeoutMs: 1_000,
        onFailure: 'refuse',
      },
    })
    const [ada, bob] = [network.client('ada').room('tea'), network.client('bob').room('tea')]
    await network.clock.advance(100)
    const { stored } = ada.post('first')
    await network.clock.advance(100)
    const { messageId } = await stored
    ada.edit(messageId, 'edited')
    await network.clock.advance(100)
    assert.deepEqual(
      [ada, bob].map(({ state }) => state.messages.map(({ text: said, delivery }) => [said, delivery.status])),
      [[['edited', 'failed']], [['first', 'stored']]],
    )
    bob.react(messageId, '👍', true)
    await network.clock.advance(100)
    assert.equal(ada.state.messages[0]?.delivery.status, 'failed')
    await network.simulation.settled(network.simulation.chat.release(held[0]!, text))
    await network.clock.advance(100)
    for (const { state } of [ada, bob])
      assert.deepEqual(
        state.messages.map((message) => [message.text, message.delivery.status]),
        [[text, 'stored']],
      )
  })
}
