import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { ChangeEvent, ChangesEvent, JoinedEvent } from '../protocol/events.ts'
import type { Epoch, MessageId, RoomId, Seq, Tag } from '../protocol/ids.ts'
import { revisionOf } from '../protocol/message.ts'
import type { Message, Position } from '../protocol/message.ts'
import { LogReader } from './log-reader.ts'
import type { Reading } from './log-reader.ts'

const room = 'tea' as RoomId

/** A log whose changes are posts, or edits of the message posted at a seq. */
class ModelLog {
  readonly changes: Message[] = []

  post(): void {
    const seq = this.head + 1
    this.changes.push({ id: `m${seq}`, seq, text: `v${seq}` } as unknown as Message)
  }

  edit(choice: number): void {
    const posts = this.changes.filter(({ rev }) => rev === undefined)
    const post = posts[choice % posts.length]
    if (post) this.changes.push({ ...post, rev: (this.head + 1) as Seq, text: `v${this.head + 1}` })
  }

  get head(): number {
    return this.changes.length
  }

  position(seq: number): Position {
    return { epoch: 'e' as Epoch, seq: seq as Seq, tag: `t${seq}` as Tag }
  }

  /** The messages changed in (`after`, `until`], in the state they have at the head, if that is not newer than `until`. */
  changedIn(after: number, until: number): Message[] {
    return this.current(this.head).filter((message) => revisionOf(message) > after && revisionOf(message) <= until)
  }

  current(until: number): Message[] {
    const messages = new Map<string, Message>()
    for (const change of this.changes.slice(0, until)) messages.set(change.id, change)
    return [...messages.values()].toSorted((a, b) => revisionOf(a) - revisionOf(b))
  }

  change(seq: number): ChangeEvent {
    const { tag } = this.position(seq)
    return { type: 'change', room, seq: seq as Seq, tag, message: this.changes[seq - 1]! }
  }

  changesEvent(after: number, until: number): ChangesEvent {
    return {
      type: 'changes',
      room,
      after: after as Seq,
      position: this.position(until),
      head: this.head as Seq,
      messages: this.changedIn(after, until),
    }
  }

  joined(since: Position | undefined, until = this.head): JoinedEvent {
    const resumed = since !== undefined
    return {
      type: 'joined',
      id: 1,
      room,
      resumed,
      position: this.position(resumed ? until : this.head),
      head: this.head as Seq,
      messages: resumed
        ? this.changedIn(since.seq, until)
        : this.current(this.head)
            .toSorted((a, b) => a.seq - b.seq)
            .slice(-5),
      readSeq: 0 as Seq,
      count: 1,
    }
  }
}

/** What an application makes of the readings. */
class Application {
  readonly states = new Map<string, Message>()
  readonly posted: number[] = []

  take(reading: Reading): Reading['status'] {
    if (reading.status === 'fresh') {
      this.states.clear()
      for (const message of reading.messages) this.states.set(message.id, message)
    } else if (reading.status === 'changed') {
      const news = reading.messages.filter(({ seq }) => seq > reading.after).map(({ seq }) => seq)
      this.posted.push(...news.toSorted((a, b) => a - b))
      for (const message of reading.messages) this.states.set(message.id, message)
    }
    return reading.status
  }
}

function joinedReader(log: ModelLog): LogReader {
  const reader = new LogReader()
  reader.joined(log.joined(undefined))
  return reader
}

function logOf(posts: number): ModelLog {
  const log = new ModelLog()
  for (let count = 0; count < posts; count++) log.post()
  return log
}

test('the next change is applied, one it has is dropped, one too far ahead shows a hole', () => {
  const log = logOf(3)
  const reader = joinedReader(log)
  log.post()
  log.post()
  assert.equal(reader.change(log.change(3)).status, 'nothing')
  assert.equal(reader.change(log.change(5)).status, 'hole')
  assert.equal(reader.change(log.change(4)).status, 'changed')
  assert.equal(reader.position?.seq, 4)
})

test('another change at the same seq shows a hole', () => {
  const log = logOf(3)
  const reader = joinedReader(log)
  assert.equal(reader.change({ ...log.change(3), tag: 'x' as Tag }).status, 'hole')
})

test('pages of a catch-up are handed out together, so that no message comes after one that was posted later', () => {
  const log = logOf(1)
  const reader = joinedReader(log)
  for (let count = 0; count < 3; count++) log.post()
  log.edit(1) // m2 is changed last, so it comes with the second page.
  const since = reader.position
  assert.equal(reader.joined(log.joined(since, 3)).status, 'nothing')
  assert.equal(reader.isCaughtUp, false)
  const reading = reader.changes(log.changesEvent(3, 5))
  assert.equal(reading.status, 'changed')
  assert.deepEqual(reading.status === 'changed' && reading.messages.map(({ id }) => id).toSorted(), ['m2', 'm3', 'm4'])
})

test('a reader that fell behind while live gets all pages of what it missed together', () => {
  const log = logOf(1)
  const reader = joinedReader(log)
  for (let count = 0; count < 3; count++) log.post()
  log.edit(1)
  assert.equal(reader.changes(log.changesEvent(1, 3)).status, 'nothing')
  const reading = reader.changes(log.changesEvent(3, 5))
  assert.deepEqual(reading.status === 'changed' && reading.messages.map(({ id }) => id).toSorted(), ['m2', 'm3', 'm4'])
})

test('a catch-up that is cut off goes on from where it came', () => {
  const log = logOf(1)
  const reader = joinedReader(log)
  for (let count = 0; count < 4; count++) log.post()
  reader.joined(log.joined(reader.position, 3))
  assert.equal(reader.position?.seq, 3)
  const reading = reader.joined(log.joined(reader.position))
  assert.deepEqual(reading.status === 'changed' && reading.messages.map(({ seq }) => seq), [2, 3, 4, 5])
})

test('a heartbeat tells of what is missing, also where the log was forked', () => {
  const log = logOf(3)
  const reader = joinedReader(log)
  assert.equal(reader.isBehind(log.position(3)), false)
  assert.equal(reader.isBehind(log.position(2)), false)
  assert.equal(reader.isBehind(log.position(4)), true)
  assert.equal(reader.isBehind({ ...log.position(3), tag: 'x' as Tag }), true)
  assert.equal(reader.isBehind({ ...log.position(3), epoch: 'f' as Epoch }), true)
})

type Step =
  | { readonly do: 'post' | 'deliver' | 'skip' | 'repeat' | 'rejoin' | 'catchUp' }
  | { readonly do: 'edit' | 'cutCatchUp'; readonly choice: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('post', 'deliver') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('skip', 'repeat', 'rejoin', 'catchUp') }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('edit', 'cutCatchUp'), choice: fc.nat(20) }) },
)

test('whatever is lost, repeated, cut off or caught up on, each message is handed out once, in order, and ends in its newest state', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.nat(8), (steps, posts) => {
      const log = logOf(posts)
      const reader = new LogReader()
      const application = new Application()
      application.take(reader.joined(log.joined(undefined)))
      const begin = log.head
      let sent = log.head // What the server has put on the line, or thinks it has.

      const rejoin = (): void => {
        application.take(reader.joined(log.joined(reader.position)))
        sent = log.head
      }
      const take = (reading: Reading): void => {
        if (application.take(reading) === 'hole') rejoin()
      }

      for (const action of steps) {
        if (action.do === 'post') log.post()
        else if (action.do === 'edit') log.edit(action.choice)
        else if (action.do === 'rejoin') rejoin()
        else if (action.do === 'repeat' && sent > 0) take(reader.change(log.change(sent)))
        else if (action.do === 'skip' && sent < log.head) sent++
        else if (action.do === 'deliver' && sent < log.head) take(reader.change(log.change(++sent)))
        else if (action.do === 'catchUp' && sent < log.head) {
          take(reader.changes(log.changesEvent(sent, log.head)))
          sent = log.head
        } else if (action.do === 'cutCatchUp' && reader.position) {
          const { seq } = reader.position
          application.take(reader.joined(log.joined(reader.position, seq + (action.choice % (log.head - seq + 1)))))
          sent = reader.position.seq
        }
      }
      rejoin()

      const expected = log.changes.filter(({ rev, seq }) => rev === undefined && seq > begin).map(({ seq }) => seq)
      assert.deepEqual(application.posted, expected)
      const newest = new Map(log.current(log.head).map((message) => [message.id, message]))
      for (const [id, message] of application.states) assert.deepEqual(message, newest.get(id as MessageId))
      assert.equal(reader.position?.seq ?? 0, log.head)
    }),
    { numRuns: 2_000 },
  )
})
