import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AskedMessage, BeforeMessage, MessageHook } from '../../src/chat/message-hook.ts'
import type { ServerEvent } from '../../src/protocol/events.ts'
import { simulate } from './simulation.ts'
import type { SimulatedPeer, Simulation } from './simulation.ts'

/** A chat whose app looks at messages by `beforeMessage`. */
function reviewed(beforeMessage: BeforeMessage, rest: Partial<MessageHook> = {}): Simulation {
  return simulate({ hook: { beforeMessage, timeoutMs: 2_000, onFailure: 'refuse', ...rest } })
}

let keys = 0
const newKey = (): string => `hook-key-${++keys}`
const post = (text: string, key = newKey()): { type: string; room: string; key: string; text: string } => ({
  type: 'post',
  room: 'tea',
  key,
  text,
})

type Command = { readonly type: string; readonly [field: string]: unknown }

async function ask({ clock }: Simulation, peer: SimulatedPeer, command: Command): Promise<ServerEvent> {
  const id = peer.send(command)
  await clock.settle()
  const answer = peer.allEvents().find((event) => 'id' in event && event.id === id)
  assert.ok(answer, `${command.type} has no answer`)
  return answer
}

async function acked(simulation: Simulation, peer: SimulatedPeer, command: Command): Promise<string> {
  const answer = await ask(simulation, peer, command)
  assert.ok(answer.type === 'ack', JSON.stringify(answer))
  return answer.messageId
}

async function refused(simulation: Simulation, peer: SimulatedPeer, command: Command): Promise<string> {
  const answer = await ask(simulation, peer, command)
  assert.ok(answer.type === 'error', JSON.stringify(answer))
  return `${answer.code}: ${answer.message}`
}

/** Some milliseconds later, by the simulation's clock. */
const later = ({ clock }: Simulation, ms: number): Promise<undefined> =>
  new Promise((resolve) => void clock.setTimer(() => resolve(undefined), ms))

const texts = (peer: SimulatedPeer): string[] => peer.events('change').map(({ message }) => message.text)
test('what the app lets through is stored as it is, what it changes as it says, for posts and edits', async () => {
  const simulation = reviewed(({ text }) => (text.includes('damn') ? { text: text.replace('damn', '***') } : undefined))
  const ada = await simulation.join('tea')
  const messageId = await acked(simulation, ada, post('damn tea'))
  await acked(simulation, ada, post('fine tea'))
  await acked(simulation, ada, { type: 'edit', room: 'tea', key: newKey(), messageId, text: 'damn good tea' })
  assert.deepEqual(texts(ada), ['*** tea', 'fine tea', '*** good tea'])
})

test('the app is given the message, who wrote it, and what room it is', async () => {
  const asked: unknown[] = []
  const simulation = simulate({
    access: { timeoutMs: 1_000, resolveRoom: () => ({ title: 'Tea room' }) },
    hook: {
      beforeMessage: (message, { user, room }) => void asked.push([message, user.id, room.title]),
      timeoutMs: 1_000,
      onFailure: 'refuse',
    },
  })
  const ada = await simulation.join('tea')
  const messageId = await acked(simulation, ada, post('hi', 'key-of-the-post'))
  await acked(simulation, ada, { ...post('yes', 'key-of-the-reply'), replyTo: messageId })
  await acked(simulation, ada, { type: 'edit', room: 'tea', key: 'key-of-the-edit', messageId, text: 'hello' })
  await acked(simulation, ada, { type: 'react', room: 'tea', key: newKey(), messageId, emoji: '👍', on: true })
  const author = { id: 'u_Ada', name: 'Ada' }
  assert.deepEqual(asked, [
    [{ kind: 'post', room: 'tea', key: 'key-of-the-post', author, text: 'hi' }, 'u_Ada', 'Tea room'],
    [
      { kind: 'post', room: 'tea', key: 'key-of-the-reply', author, text: 'yes', replyTo: messageId },
      'u_Ada',
      'Tea room',
    ],
    [{ kind: 'edit', room: 'tea', key: 'key-of-the-edit', author, messageId, text: 'hello' }, 'u_Ada', 'Tea room'],
  ])
})

test('a refusal tells its reason, to the sender alone, and the same when it is sent again', async () => {
  let asked = 0
  const simulation = reviewed(() => ({ refuse: `no links, please (${++asked})` }))
  const [ada, bob] = [await simulation.join('tea'), await simulation.join('tea', 'Bob')]
  const write = post('see http://example.org')
  assert.equal(await refused(simulation, ada, write), 'refused: no links, please (1)')
  assert.equal(await refused(simulation, ada, write), 'refused: no links, please (1)')
  assert.equal(asked, 1)
  assert.ok(!bob.received.some((frame) => frame.includes('links') || frame.includes('example')))
  assert.deepEqual((await simulation.backend.readPage(ada.events('joined')[0]!.room, { limit: 9 })).messages, [])
})

test('a message that is sent again is one, though the app changed it, and is not looked at again', async () => {
  let asked = 0
  const simulation = reviewed(({ text }) => ({ text: `${text} (${++asked})` }))
  const ada = await simulation.join('tea')
  const write = post('hi')
  const messageId = await acked(simulation, ada, write)
  assert.equal(await acked(simulation, ada, write), messageId)
  assert.match(await refused(simulation, ada, { ...write, text: 'other' }), /^key_reused/)
  const edit = { type: 'edit', room: 'tea', key: newKey(), messageId, text: 'hello' }
  await acked(simulation, ada, edit)
  await acked(simulation, ada, edit)
  assert.deepEqual([texts(ada), asked], [['hi (1)', 'hello (2)'], 2])
})

test('messages of one sender keep their order, however long the app takes for each', async () => {
  const simulation = reviewed(({ text }) => later(simulation, 20 - Number(text)))
  const ada = await simulation.join('tea')
  const numbers = Array.from({ length: 20 }, (_, index) => String(index))
  for (const number of numbers) ada.send(post(number))
  await simulation.clock.advance(300)
  assert.deepEqual(texts(ada), numbers)
})

test('in the plain dialect too, where the reason is told as the dialect tells it', async () => {
  const simulation = reviewed(async ({ text }) => {
    await later(simulation, 5 - Number(text))
    return text === '3' ? { refuse: 'not this one' } : { text: `${text}!` }
  })
  const plain = simulation.connectPlain()
  await simulation.clock.settle()
  for (const text of ['1', '2', '3', '4']) plain.sendRaw(JSON.stringify({ handle: 'ada', text }))
  await simulation.clock.advance(60)
  assert.deepEqual(
    plain.received
      .filter((frame) => frame.includes('handle'))
      .map((frame) => (JSON.parse(frame) as { text: string }).text),
    ['1!', '2!', '4!'],
  )
  assert.ok(plain.received.includes('{"error":"not this one"}'), plain.received.join())
})

test('an app that throws, hangs or answers nonsense refuses the message for now, or lets it through, as was chosen', async () => {
  const failures: Record<string, BeforeMessage> = {
    throws: () => {
      throw new Error('broken')
    },
    rejects: () => Promise.reject(new Error('broken')),
    hangs: () => new Promise(() => {}),
    'is no verdict': () => true as never,
    'is two verdicts': () => ({ text: 'x', refuse: 'y' }),
    'is too long': () => ({ text: 'x'.repeat(4_001) }),
    'is blank': () => ({ text: ' ' }),
    'mutes for ever': () => ({ mute: 'no', forMs: Infinity }),
    'mutes for no time': () => ({ mute: 'no' }) as never,
  }
  for (const [name, beforeMessage] of Object.entries(failures)) {
    for (const onFailure of ['refuse', 'allow'] as const) {
      const simulation = reviewed(beforeMessage, { onFailure })
      const ada = await simulation.join('tea')
      ada.send(post('hi'))
      await simulation.clock.advance(2_000)
      assert.deepEqual(
        [ada.events('error').map(({ code }) => code), texts(ada)],
        onFailure === 'allow' ? [[], ['hi']] : [['internal'], []],
        name,
      )
      assert.deepEqual(
        simulation.faults.map(({ context }) => context.stage),
        ['asking beforeMessage'],
        name,
      )
    }
  }
})

test('what failed once may be sent again with its key', async () => {
  let isBroken = true
  const simulation = reviewed(() => {
    if (isBroken) throw new Error('broken')
  })
  const ada = await simulation.join('tea')
  const write = post('hi')
  assert.match(await refused(simulation, ada, write), /^internal/)
  isBroken = false
  await acked(simulation, ada, write)
})

test('a text that is no message is refused before the app is asked', async () => {
  const simulation = reviewed(() => assert.fail('it was asked'))
  const ada = await simulation.join('tea')
  assert.match(await refused(simulation, ada, post(' ')), /^text_blank/)
})

test('what is held is shown to nobody until it is released, and then once, under its own key', async () => {
  const held: AskedMessage[] = []
  const simulation = reviewed((message) => {
    held.push(message)
    return { hold: 'a moderator looks at it first' }
  })
  const [ada, bob] = [await simulation.join('tea'), await simulation.join('tea', 'Bob')]
  const write = post('is this spam?')
  assert.equal(await refused(simulation, ada, write), 'held: a moderator looks at it first')
  assert.ok(!bob.received.some((frame) => frame.includes('spam')))
  // As an app would have it back from its database.
  const kept = JSON.parse(JSON.stringify(held[0])) as AskedMessage
  const { messageId } = await simulation.settled(simulation.chat.release(kept, 'this is no spam'))
  await simulation.clock.settle()
  const [change] = bob.events('change')
  assert.deepEqual(
    [change?.message.text, change?.message.key, change?.message.author.name],
    ['this is no spam', write.key, 'Ada'],
  )
  assert.equal((await simulation.settled(simulation.chat.release(kept, 'and again'))).messageId, messageId)
  assert.equal(await acked(simulation, ada, write), messageId)
  assert.deepEqual([texts(bob).length, held.length], [1, 1])
})

test('a held edit is made when it is released', async () => {
  const held: AskedMessage[] = []
  const simulation = reviewed((message) => {
    if (message.kind === 'post') return undefined
    held.push(message)
    return { hold: '' }
  })
  const ada = await simulation.join('tea')
  const messageId = await acked(simulation, ada, post('hi'))
  const edit = { type: 'edit', room: 'tea', key: newKey(), messageId, text: 'hello' }
  assert.equal(await refused(simulation, ada, edit), 'held: the message waits to be let through')
  await simulation.settled(simulation.chat.release(held[0]!))
  await simulation.clock.settle()
  assert.deepEqual(texts(ada), ['hi', 'hello'])
})

test('a held edit of what another wrote is not made', async () => {
  const held: AskedMessage[] = []
  const simulation = reviewed((message) =>
    message.kind === 'edit' ? (held.push(message), { hold: 'wait' }) : undefined,
  )
  const [ada, eve] = [await simulation.join('tea'), await simulation.join('tea', 'Eve')]
  const messageId = await acked(simulation, ada, post('hi'))
  await refused(simulation, eve, { type: 'edit', room: 'tea', key: newKey(), messageId, text: 'mine' })
  await assert.rejects(simulation.settled(simulation.chat.release(held[0]!)), { code: 'forbidden' })
})

test('what is no held message cannot be released', async () => {
  const { chat } = simulate()
  const message: AskedMessage = {
    kind: 'post',
    room: 'tea',
    key: 'held-key',
    author: { id: 'u_Ada' as never, name: 'Ada' },
    text: 'hi',
  }
  for (const wrong of [{ kind: 'edit' }, { kind: 'x' }, { room: '' }, { key: 'x' }, { author: {} }, { text: 1 }])
    await assert.rejects(chat.release({ ...message, ...wrong } as AskedMessage), TypeError, JSON.stringify(wrong))
  await assert.rejects(chat.release(message, ' '), { code: 'text_blank' })
})
