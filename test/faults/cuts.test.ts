import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createSqliteBackend } from '../../src/index.ts'
import { ChatError } from '../../src/protocol/errors.ts'
import type { ChangeEvent } from '../../src/protocol/events.ts'
import type { Message } from '../../src/protocol/message.ts'
import { NO_RATE_LIMITS, startServer, temporaryFolder } from '../helpers.ts'
import { startProxy } from '../helpers/proxy.ts'
import type { Proxy } from '../helpers/proxy.ts'
import { enter } from '../protocol/peer.ts'
import { newRoom } from '../protocol/target.ts'
import { Person } from './person.ts'
import { seedRandom } from './random.ts'
import type { Random } from './random.ts'
import { assertOneHistory } from './verdict.ts'

const EMOJI = ['👍', '❤️', '🦉']
const WRITES = 600
/** About so many writes are issued between two faults of the network. */
const WRITES_PER_FAULT = 6

async function startServerOnDisk(t: TestContext): Promise<{ readonly port: number; readonly socketUrl: string }> {
  const backend = createSqliteBackend({ file: join(await temporaryFolder(t), 'chat.db') })
  const server = await startServer(t, { backend, ...NO_RATE_LIMITS })
  t.after(() => backend.close())
  return server
}

/** Somebody on a bad line of their own. */
interface Traveller {
  readonly person: Person
  readonly line: Proxy
}

async function sendOff(t: TestContext, port: number, room: string, name: string): Promise<Traveller> {
  const line = await startProxy(t, port)
  return { person: await Person.enter(t, line.socketUrl, room, name), line }
}

/** Posts, or changes one of the newest messages. */
function writeSomething(person: Person, random: Random): void {
  const { room } = person
  const newest = room.state.messages
    .slice(-10)
    .flatMap(({ id, mine, deletedAt }) => (deletedAt || !id ? [] : { id, mine }))
  const any = random.pick(newest)
  const own = random.pick(newest.filter(({ mine }) => mine))
  const chance = random.next()
  if (chance < 0.3 && any) person.record(room.react(any.id, random.pick(EMOJI)!, random.next() < 0.7))
  else if (chance < 0.5 && own) person.record(room.edit(own.id, `edited ${random.below(1e6)}`))
  else if (chance < 0.6 && own) person.record(room.delete(own.id))
  else person.post()
}

/** Cuts lines at random, or freezes one for a while, so that what is on its way is late or lost, on either side. */
class Storm {
  readonly #random: Random
  readonly #lines: readonly Proxy[]
  #frozen: Proxy | undefined

  constructor(random: Random, lines: readonly Proxy[]) {
    this.#random = random
    this.#lines = lines
  }

  strike(): void {
    this.calm()
    const line = this.#random.pick(this.#lines)
    if (this.#random.next() < 0.5) line?.cut()
    else this.#frozen = line
    this.#frozen?.freeze()
  }

  /** Delivers what is held in the frozen line, or loses it. */
  calm(): void {
    if (this.#random.next() < 0.5) this.#frozen?.cut()
    this.#frozen?.thaw()
    this.#frozen = undefined
  }
}

/** What the log says by itself, live and without a gap: the state that each message was left in. */
function newestStates(log: readonly ChangeEvent[]): readonly Message[] {
  assert.deepEqual(
    log.map(({ seq }) => seq),
    log.map((_, index) => index + 1),
  )
  const states = new Map(log.map(({ message }) => [message.id, message]))
  return [...states.values()].toSorted((one, other) => one.seq - other.seq)
}

/** Fails unless each write was stored once, or refused because others had deleted the message. */
function assertStoredOnce(people: readonly Person[], log: readonly ChangeEvent[]): void {
  const claimed = new Set<number>()
  for (const { name, written } of people) {
    for (const { stored, refusal, key } of written) {
      const isRefused = refusal instanceof ChatError && refusal.code === 'message_deleted'
      assert.ok(stored ?? isRefused, `write ${key} of ${name} failed: ${String(refusal)}`)
      if (stored) claimed.add(stored.seq)
    }
  }
  // A write that was stored twice would have left a change that nobody was told of.
  const unclaimed = log.filter(({ seq, message }) => !claimed.has(seq) && message.text !== 'the end')
  assert.deepEqual(unclaimed, [])
}

test('lines cut at random while everybody posts, edits, deletes and reacts: everyone ends with the same messages, each write stored once', async (t) => {
  const random = seedRandom(t)
  const { port, socketUrl } = await startServerOnDisk(t)
  const room = newRoom()
  const observer = await enter(t, socketUrl, room, 'Observer')
  const travellers = await Promise.all(['Ada', 'Bob', 'Eve', 'Kim'].map((name) => sendOff(t, port, room, name)))
  const people = travellers.map(({ person }) => person)
  const storm = new Storm(
    random,
    travellers.map(({ line }) => line),
  )

  let writes = 0
  const write = (person: Person): void => {
    writeSomething(person, random)
    if (++writes === WRITES) storm.calm()
    else if (writes < WRITES && writes % WRITES_PER_FAULT === 0) storm.strike()
  }
  await Promise.all(
    people.map((person) =>
      person.writeOn(
        () => write(person),
        () => writes >= WRITES,
      ),
    ),
  )

  const history = await assertOneHistory(t, socketUrl, people)
  await observer.ask('page', { type: 'history', room })
  const log = observer.untaken('change')
  assert.deepEqual(newestStates(log), history)
  assertStoredOnce(people, log)
})
