import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Delivery, Refusal, Room } from '../../src/client.ts'
import { ChatError } from '../../src/protocol/errors.ts'
import type { MessageId } from '../../src/protocol/ids.ts'
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts'
import { interceptedBackend } from './intercepted-backend.ts'
import { SimulatedNetwork } from './simulated-network.ts'

const codeOf = (code: string) => (error: unknown) => error instanceof ChatError && error.code === code

function texts(room: Room): string[] {
  return room.state.messages.map(({ text }) => text)
}

function deliveries(room: Room): Delivery['status'][] {
  return room.state.messages.map(({ delivery }) => delivery.status)
}

async function joined(network: SimulatedNetwork, name: string): Promise<Room> {
  const room = network.client(name).room('tea')
  await network.clock.advance(100)
  return room
}

async function posted(network: SimulatedNetwork, room: Room, text: string): Promise<MessageId> {
  const { stored } = room.post(text)
  await network.clock.advance(100)
  return (await stored).messageId
}

test('a message is shown at once as pending, and once stored it is the same one in the same place', async () => {
  const network = new SimulatedNetwork()
  const ada = await joined(network, 'ada')
  network.delayMs = () => 50
  ada.post('one')
  ada.post('two')
  assert.deepEqual(texts(ada), ['one', 'two'])
  assert.deepEqual(deliveries(ada), ['pending', 'pending'])
  const uids = ada.state.messages.map(({ uid }) => uid)
  ada.subscribe(() =>
    assert.deepEqual(
      ada.state.messages.map(({ uid }) => uid),
      uids,
    ),
  )
  await network.clock.advance(200)
  assert.deepEqual(deliveries(ada), ['stored', 'stored'])
  assert.deepEqual(
    ada.state.messages.map(({ seq }) => seq),
    [1, 2],
  )
})

test('the ack resolves what post() returned, with the message and its seq', async () => {
  const network = new SimulatedNetwork()
  const ada = await joined(network, 'ada')
  const { key, stored } = ada.post('one')
  await network.clock.advance(100)
  const [message] = ada.state.messages
  assert.deepEqual(await stored, { messageId: message?.id, seq: 1 })
  assert.equal(message?.key, key)
})

test('what was written without a connection goes out in order when there is one', async () => {
  const network = new SimulatedNetwork()
  const [ada, bob] = [await joined(network, 'ada'), await joined(network, 'bob')]
  network.isUp = false
  network.cut('ada')
  const sent = Array.from({ length: 60 }, (_, index) => `message ${index}`)
  for (const text of sent) ada.post(text)
  network.isUp = true
  await network.clock.advance(5_000)
  assert.deepEqual(texts(bob), sent)
  assert.deepEqual(texts(ada), sent)
})

test('a message whose ack was lost is sent again under its key, and stored once', async () => {
  const network = new SimulatedNetwork()
  const [ada, bob] = [await joined(network, 'ada'), await joined(network, 'bob')]
  const keys: string[] = []
  network.toServer = (frame) => {
    if (frame.includes('"post"')) keys.push((JSON.parse(frame) as { key: string }).key)
    return 'deliver'
  }
  network.toClient = () => 'lose'
  const { stored } = ada.post('one')
  await network.clock.advance(100)
  network.toClient = () => 'deliver'
  network.cut()
  await network.clock.advance(5_000)
  assert.equal((await stored).seq, 1)
  assert.deepEqual([texts(ada), texts(bob)], [['one'], ['one']])
  assert.equal(new Set(keys).size, 1)
})

test('in whatever order the ack and the change come, the message is there once', async () => {
  for (const lost of ['"type":"ack"', '"type":"change"']) {
    const network = new SimulatedNetwork()
    const ada = await joined(network, 'ada')
    network.toClient = (frame) => (frame.includes(lost) ? 'lose' : 'deliver')
    ada.post('one')
    await network.clock.advance(100)
    assert.deepEqual(texts(ada), ['one'])
    network.toClient = () => 'deliver'
    await network.clock.advance(20_000)
    assert.deepEqual(texts(ada), ['one'])
    assert.deepEqual(deliveries(ada), ['stored'])
  }
})

test('text that no server would take is refused before it is queued', async () => {
  const network = new SimulatedNetwork()
  const ada = await joined(network, 'ada')
  assert.throws(() => ada.post(' \n'), codeOf('text_blank'))
  assert.throws(() => ada.post('x'.repeat(4_001)), codeOf('text_too_long'))
  assert.throws(() => ada.post('half \ud83d'), codeOf('bad_text'))
  assert.throws(() => ada.edit('m' as MessageId, ''), codeOf('text_blank'))
  assert.deepEqual(ada.state.messages, [])
  ada.post('🦉'.repeat(4_000))
  assert.equal(ada.state.messages.length, 1)
})

test('a refused post is kept as failed with the reason, and can be discarded', async () => {
  const network = new SimulatedNetwork()
  const ada = await joined(network, 'ada')
  const refusals: Refusal[] = []
  ada.on('refused', (refusal) => refusals.push(refusal))
  const { key, stored } = ada.post('an answer to nothing', { replyTo: 'nothing' as MessageId })
  ada.post('next')
  await network.clock.advance(100)
  const failed = ada.state.messages.find((message) => message.key === key)
  assert.deepEqual(failed?.delivery.status === 'failed' && [failed.delivery.code, failed.delivery.retryable], [
    'message_not_found',
    false,
  ])
  await assert.rejects(stored, (error: ChatError) => error.code === 'message_not_found')
  assert.deepEqual(
    refusals.map(({ kind, code }) => [kind, code]),
    [['post', 'message_not_found']],
  )
  ada.discard(key)
  assert.deepEqual(texts(ada), ['next'])
})

test('a refused edit keeps its text to try again or discard; a refused reaction is undone', async () => {
  const network = new SimulatedNetwork()
  const [ada, bob] = [await joined(network, 'ada'), await joined(network, 'bob')]
  const id = await posted(network, bob, "bob's")
  const { key } = ada.edit(id, "ada's")
  ada.react(id, 'no emoji', true)
  assert.deepEqual([texts(ada)[0], ada.state.messages[0]?.reactions?.length], ["ada's", 1])
  await network.clock.advance(100)
  assert.deepEqual([texts(ada), deliveries(ada)], [["ada's"], ['failed']])
  assert.equal(ada.state.messages[0]?.reactions, undefined)
  ada.discard(key)
  assert.deepEqual([texts(ada), deliveries(ada)], [["bob's"], ['stored']])
})

test('an edit that failed is forgotten once the user edits the message again', async () => {
  const network = new SimulatedNetwork()
  const [ada, bob] = [await joined(network, 'ada'), await joined(network, 'bob')]
  const id = await posted(network, bob, "bob's")
  for (const text of ['first try', 'second try']) {
    ada.edit(id, text)
    await network.clock.advance(100)
    assert.deepEqual([texts(ada), deliveries(ada)], [[text], ['failed']])
  }
  const { delivery } = ada.state.messages[0]!
  if (delivery.status === 'failed') ada.discard(delivery.key)
  assert.deepEqual([texts(ada), deliveries(ada)], [["bob's"], ['stored']])
})

test('text that would not fit a frame is refused, however long a message may be', async () => {
  const network = new SimulatedNetwork({ limits: { ...DEFAULT_LIMITS, textCodePoints: 100_000 } })
  const ada = await joined(network, 'ada')
  assert.throws(() => ada.post('x'.repeat(66_000)), codeOf('text_too_long'))
  ada.post('x'.repeat(60_000))
  await network.clock.advance(1_000)
  assert.deepEqual(deliveries(ada), ['stored'])
})

test('edits, reactions and deletions are shown at once and then stay', async () => {
  const network = new SimulatedNetwork()
  const [ada, bob] = [await joined(network, 'ada'), await joined(network, 'bob')]
  const id = await posted(network, ada, 'one')
  network.delayMs = () => 50
  ada.edit(id, 'two')
  bob.react(id, '👍', true)
  assert.equal(texts(ada)[0], 'two')
  assert.deepEqual(
    bob.state.messages[0]?.reactions?.map(({ emoji, users }) => [emoji, users.length]),
    [['👍', 1]],
  )
  await network.clock.advance(500)
  for (const room of [ada, bob]) {
    const [message] = room.state.messages
    assert.equal(message?.text, 'two')
    assert.ok(message.editedAt)
    assert.equal(message.reactions?.[0]?.users[0]?.name, 'bob')
    assert.deepEqual(message.delivery, { status: 'stored' })
  }
  bob.react(id, '👍', false)
  assert.deepEqual(bob.state.messages[0]?.reactions, [])
  ada.delete(id)
  assert.ok(ada.state.messages[0]?.deletedAt)
  await network.clock.advance(500)
  assert.deepEqual([texts(ada), texts(bob)], [[''], ['']])
})

test('past the rate limit messages wait, with a notice, and are all stored in order', async () => {
  const network = new SimulatedNetwork({ writeRate: { burst: 3, perMs: 3_000 } })
  const [ada, bob] = [await joined(network, 'ada'), await joined(network, 'bob')]
  const sent = Array.from({ length: 10 }, (_, index) => `message ${index}`)
  for (const text of sent) ada.post(text)
  await network.clock.advance(100)
  const { notice } = ada.state
  assert.equal(notice?.code, 'rate_limited')
  assert.ok(notice.until > network.clock.now())
  assert.ok(!deliveries(ada).includes('failed'))
  await network.clock.advance(20_000)
  assert.deepEqual(texts(bob), sent)
  assert.equal(ada.state.notice, undefined)
  assert.deepEqual(new Set(deliveries(ada)), new Set(['stored']))
})

test('while the log cannot be reached nothing fails, and then everything is stored in order', async () => {
  let isAway = true
  const network = new SimulatedNetwork({
    backend: interceptedBackend((append, proceed) =>
      isAway ? Promise.reject(new ChatError('unavailable', 'away', { retryAfterMs: 500 })) : proceed(append),
    ),
  })
  const ada = await joined(network, 'ada')
  const sent = Array.from({ length: 40 }, (_, index) => `message ${index}`)
  for (const text of sent) ada.post(text)
  await network.clock.advance(30_000)
  assert.equal(ada.state.notice?.code, 'unavailable')
  assert.deepEqual(new Set(deliveries(ada)), new Set(['pending']))
  isAway = false
  await network.clock.advance(5_000)
  assert.deepEqual(texts(ada), sent)
  assert.deepEqual(
    ada.state.messages.map(({ seq }) => seq),
    sent.map((_, index) => index + 1),
  )
})

test('a message is not slipped in after one that was written later: its user decides', async () => {
  let refusals = 1
  const network = new SimulatedNetwork({
    backend: interceptedBackend((append, proceed) =>
      append.body.includes('two') && refusals-- > 0
        ? Promise.reject(new ChatError('unavailable', 'away for a moment', { retryAfterMs: 500 }))
        : proceed(append),
    ),
  })
  const [ada, bob] = [await joined(network, 'ada'), await joined(network, 'bob')]
  const { key } = (ada.post('one'), ada.post('two'))
  ada.post('three')
  await network.clock.advance(5_000)
  assert.deepEqual(texts(bob), ['one', 'three'])
  const failed = ada.state.messages.at(-1)?.delivery
  assert.equal(failed?.status === 'failed' && failed.retryable && failed.code, 'overtaken')
  ada.retry(key)
  await network.clock.advance(1_000)
  assert.deepEqual(
    [texts(ada), texts(bob)],
    [
      ['one', 'three', 'two'],
      ['one', 'three', 'two'],
    ],
  )
})

test('without an answer in 10 s a message counts as failed, until the answer comes after all', async () => {
  const held = Promise.withResolvers<void>()
  const network = new SimulatedNetwork({
    backend: interceptedBackend(async (append, proceed) => {
      await held.promise
      return await proceed(append)
    }),
  })
  const ada = await joined(network, 'ada')
  const { key } = ada.post('one')
  await network.clock.advance(9_000)
  assert.deepEqual(deliveries(ada), ['pending'])
  await network.clock.advance(2_000)
  const late = ada.state.messages[0]?.delivery
  assert.equal(late?.status === 'failed' && late.retryable && late.code, 'late')
  ada.retry(key)
  assert.deepEqual(deliveries(ada), ['pending'])
  held.resolve()
  await network.clock.advance(1_000)
  assert.deepEqual([texts(ada), deliveries(ada)], [['one'], ['stored']])
})

test('what has waited for more than a day is not sent unasked', async () => {
  const network = new SimulatedNetwork()
  const ada = await joined(network, 'ada')
  network.isUp = false
  network.cut()
  const { key } = ada.post('one')
  await network.clock.advance(25 * 3_600_000)
  network.isUp = true
  await network.clock.advance(60_000)
  const expired = ada.state.messages[0]?.delivery
  assert.equal(expired?.status === 'failed' && expired.code, 'expired')
  ada.retry(key)
  await network.clock.advance(1_000)
  assert.deepEqual(deliveries(ada), ['stored'])
})

test('what was left unsent in a room that was left is still sent', async () => {
  const network = new SimulatedNetwork()
  const [ada, bob] = [await joined(network, 'ada'), await joined(network, 'bob')]
  network.isUp = false
  network.cut('ada')
  ada.post('bye')
  ada.leave()
  network.isUp = true
  await network.clock.advance(10_000)
  assert.deepEqual(texts(bob), ['bye'])
})

test('close() leaves no promise hanging', async () => {
  const network = new SimulatedNetwork()
  const chat = network.client('ada')
  network.isUp = false
  const { stored } = chat.room('tea').post('one')
  chat.close()
  await assert.rejects(stored, { name: 'AbortError' })
})
