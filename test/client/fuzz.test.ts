import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { ChatClient, Room, StoredMessage } from '../../src/client.ts'
import { CLOSE } from '../../src/protocol/close.ts'
import { ChatError } from '../../src/protocol/errors.ts'
import { interceptedBackend } from './intercepted-backend.ts'
import { SimulatedNetwork } from './simulated-network.ts'

const NAMES = ['ada', 'bob', 'eve']

type Step = {
  readonly do: (typeof ACTIONS)[number]
  readonly who: number
  readonly which: number
  readonly passMs: number
}

const ACTIONS = [
  'post',
  'post',
  'post',
  'edit',
  'delete',
  'react',
  'cut',
  'kick',
  'goDead',
  'loseSome',
  'wake',
  'older',
  'around',
] as const

const steps = fc.array(
  fc.record<Step>({
    do: fc.constantFrom(...ACTIONS),
    who: fc.nat(NAMES.length - 1),
    which: fc.nat(30),
    passMs: fc.oneof(fc.constant(0), fc.nat(100), fc.nat(20_000)),
  }),
  { minLength: 10, maxLength: 60 },
)

/** One user, and everything that the SDK told the application. */
class Person {
  readonly chat: ChatClient
  readonly room: Room
  readonly posted: string[] = []
  readonly announced: StoredMessage[] = []
  readonly seqs: number[] = []

  constructor(network: SimulatedNetwork, name: string) {
    this.chat = network.client(name)
    this.room = this.chat.room('tea')
    this.room.on('message', (message) => this.announced.push(message))
    this.room.on('change', ({ seq, rev }) => this.seqs.push(rev ?? seq))
    this.room.subscribe(() => this.#checkState())
  }

  get texts(): string[] {
    return this.room.state.messages.map(({ text }) => text)
  }

  /** At no time is a message there twice, out of order, or are this user's own unsent ones not in the order they were written in. */
  #checkState(): void {
    const { messages } = this.room.state
    assert.equal(new Set(messages.map(({ uid }) => uid)).size, messages.length)
    const stored = messages.flatMap(({ seq }) => seq ?? [])
    assert.deepEqual(
      stored,
      stored.toSorted((a, b) => a - b),
    )
    const unsent = messages.filter(({ seq }) => seq === undefined).map(({ text }) => this.posted.indexOf(text))
    assert.deepEqual(
      unsent,
      unsent.toSorted((a, b) => a - b),
    )
  }
}

test('through cuts, restarts of the line, dead connections and lost frames everybody ends with the same room, nothing lost or doubled', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(0xffffffff), async (actions, seed) => {
      const network = new SimulatedNetwork()
      const random = mulberry32(seed)
      network.random = random
      network.delayMs = () => Math.floor(random() * 80)
      const people = NAMES.map((name) => new Person(network, name))
      await network.clock.advance(1_000)
      let serial = 0

      for (const { do: action, who, which, passMs } of actions) {
        const { room, posted } = people[who]!
        const name = NAMES[who]!
        const target = room.state.messages.filter(({ id }) => id !== undefined)[which]?.id
        if (action === 'post') {
          const text = `${name} ${++serial}`
          posted.push(text)
          room.post(text)
        } else if (action === 'edit' && target) room.edit(target, `${name} edits ${++serial}`)
        else if (action === 'delete' && target && which % 3 === 0) room.delete(target)
        else if (action === 'react' && target) room.react(target, '👍', which % 2 === 0)
        else if (action === 'cut') network.cut(name)
        else if (action === 'kick') for (const line of network.linesOf(name)) line.close(CLOSE.internalError)
        else if (action === 'goDead') for (const line of network.linesOf(name)) line.isDead = true
        else if (action === 'loseSome')
          network.toClient = (frame) => (/"type":"change"/.test(frame) && random() < 0.3 ? 'lose' : 'deliver')
        else if (action === 'wake') network.wake('online')
        else if (action === 'older') void room.loadOlder()
        else if (action === 'around' && target) void room.loadAround(target)
        await network.clock.advance(passMs)
      }
      network.toClient = () => 'deliver'
      await network.clock.advance(300_000)

      const [first] = people
      for (const { room } of people) {
        room.loadLatest()
        // Editing what another wrote was refused; what was typed is kept until its user decides.
        for (const { delivery } of room.state.messages) if (delivery.status === 'failed') room.discard(delivery.key)
      }
      const log = first!.room.state.messages
      for (const { room, posted, announced, seqs } of people) {
        assert.equal(room.state.status, 'live')
        assert.deepEqual(
          room.state.messages.filter(({ seq }) => seq !== undefined).map(({ id, rev, text }) => [id, rev, text]),
          log.filter(({ seq }) => seq !== undefined).map(({ id, rev, text }) => [id, rev, text]),
        )
        assert.ok(room.state.messages.every(({ delivery }) => delivery.status === 'stored'))
        const own = log.filter(
          ({ author }) => author.name === room.state.messages.find(({ mine }) => mine)?.author.name,
        )
        assert.equal(own.length, posted.length)
        const order = announced.map(({ seq }) => seq)
        assert.deepEqual(
          order,
          [...new Set(order)].toSorted((a, b) => a - b),
        )
        assert.equal(new Set(seqs).size, seqs.length)
        const missing = log.filter(({ id, deletedAt }) => !deletedAt && !announced.some((message) => message.id === id))
        assert.deepEqual(missing, [])
      }
      for (const { chat } of people) chat.close()
    }),
    { numRuns: 150 },
  )
})

test("whatever the server refuses for a while, or stores and does not say so, one user's messages are stored in the order they were written in, or kept", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(0xffffffff), fc.boolean(), async (seed, isRateLimited) => {
      const random = mulberry32(seed)
      let isCalm = false
      const network = new SimulatedNetwork({
        ...(isRateLimited && { writeRate: { burst: 3, perMs: 1_000 } }),
        backend: interceptedBackend(async (append, proceed) => {
          const chance = isCalm ? 1 : random()
          // Longer than a frame travels: of a message that was stored although the server could not tell, the room's log tells before the next try.
          const unavailable = new ChatError('unavailable', 'away', { retryAfterMs: 500 + Math.floor(random() * 500) })
          if (chance < 0.15) throw unavailable
          const appended = await proceed(append)
          if (chance < 0.3) throw unavailable
          return appended
        }),
      })
      network.random = random
      network.delayMs = () => Math.floor(random() * 150)
      const person = new Person(network, 'ada')
      await network.clock.advance(1_000)
      for (let count = 0; count < 40; count++) {
        person.posted.push(`message ${count}`)
        person.room.post(`message ${count}`)
        await network.clock.advance(Math.floor(random() ** 3 * 2_000))
        if (random() < 0.1) network.cut()
      }
      isCalm = true
      await network.clock.advance(120_000)
      const { messages } = person.room.state
      const stored = messages.filter(({ seq }) => seq !== undefined).map(({ text }) => text)
      const kept = messages.flatMap(({ delivery, text }) =>
        delivery.status === 'failed' ? [`${delivery.code} ${text}`] : [],
      )
      assert.deepEqual(
        stored,
        person.posted.filter((text) => stored.includes(text)),
      )
      assert.deepEqual(
        kept,
        person.posted.filter((text) => !stored.includes(text)).map((text) => `overtaken ${text}`),
      )
      person.chat.close()
    }),
    { numRuns: 100 },
  )
})

/** A small seeded generator of numbers from 0 up to 1. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
