import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Seq } from '../protocol/ids.ts'
import type { Message } from '../protocol/message.ts'
import { Timeline } from './timeline.ts'
import type { Page } from './timeline.ts'

/** A room in which every change is a post or an edit, and the pages of its history as a server makes them. */
class ModelRoom {
  messages: Message[] = []
  head = 0

  post(): Message {
    const seq = ++this.head as Seq
    const message = { id: `m${seq}`, seq, text: 'first' } as unknown as Message
    this.messages = [...this.messages, message]
    return message
  }

  edit(index: number): Message {
    const message = { ...this.messages[index % this.messages.length]!, rev: ++this.head as Seq, text: `v${this.head}` }
    this.messages = this.messages.map((other) => (other.id === message.id ? message : other))
    return message
  }

  page(from: number, to: number): Page {
    const messages = this.messages.slice(Math.max(0, from), Math.max(0, to))
    return { messages, hasOlder: from > 0 }
  }

  before(seq: number, limit = 50): Page {
    const index = this.messages.findIndex((message) => message.seq >= seq)
    return this.page(index - limit, index)
  }

  after(seq: number, limit = 50): Page {
    const index = this.messages.findIndex((message) => message.seq > seq)
    return index === -1 ? this.page(this.messages.length, this.messages.length) : this.page(index, index + limit)
  }
}

function roomOf(posts: number): ModelRoom {
  const room = new ModelRoom()
  for (let count = 0; count < posts; count++) room.post()
  return room
}

function timelineOf(room: ModelRoom, limit = 50): Timeline {
  const timeline = new Timeline()
  timeline.reset(room.page(room.messages.length - limit, room.messages.length))
  return timeline
}

function apply(timeline: Timeline, message: Message): void {
  timeline.apply([message], ((message.rev ?? message.seq) - 1) as Seq)
}

function loadOlder(timeline: Timeline, room: ModelRoom): void {
  timeline.beginLoading()
  timeline.addOlder(room.before(timeline.messages[0]?.seq ?? 0))
}

test('older pages are put before the window, and beyond its size the newest messages leave it', () => {
  const room = roomOf(3_000)
  const timeline = timelineOf(room)
  for (let page = 0; page < 50; page++) loadOlder(timeline, room)
  assert.equal(timeline.hasNewer, true)
  assert.ok(timeline.messages.length <= 1_000)
  assert.equal(timeline.latestSeq, 3_000)
  assert.equal(timeline.newest.messages.at(-1)?.seq, 3_000)
})

test('what follows the window comes from memory once it touches the newest messages, and then the window is the newest one', () => {
  const room = roomOf(200)
  const timeline = timelineOf(room)
  timeline.beginLoading()
  timeline.show(room.page(80, 130))
  assert.deepEqual(timeline.nextAtHand(), [])
  timeline.beginLoading()
  timeline.addNewer(room.after(timeline.messages.at(-1)!.seq, 30))
  assert.equal(timeline.hasNewer, true)
  timeline.addNewer({ messages: timeline.nextAtHand(), hasOlder: true })
  assert.equal(timeline.hasNewer, false)
  assert.deepEqual(
    timeline.messages.map(({ seq }) => seq),
    Array.from({ length: 120 }, (_, index) => index + 81),
  )
})

test('a flood trims the oldest messages and says that there are older ones', () => {
  const room = roomOf(10)
  const timeline = timelineOf(room)
  for (let count = 0; count < 2_000; count++) apply(timeline, room.post())
  assert.ok(timeline.messages.length <= 1_100)
  assert.equal(timeline.hasOlder, true)
})

test('a change that arrives while a page is on its way is newer than the page', () => {
  const room = roomOf(200)
  const timeline = timelineOf(room)
  timeline.beginLoading()
  const page = room.before(151)
  apply(timeline, room.edit(120))
  timeline.addOlder(page)
  assert.equal(timeline.messages.find(({ id }) => id === 'm121')?.rev, 201)
})

test('a page does not show a message before the log brings it', () => {
  const room = roomOf(0)
  const timeline = timelineOf(room)
  timeline.beginLoading()
  const coming = room.post()
  timeline.show(room.page(0, 1))
  assert.deepEqual(timeline.messages, [])
  apply(timeline, coming)
  assert.deepEqual(timeline.messages, [coming])
})

type Step =
  { readonly do: 'post' | 'older' | 'newer' | 'latest' } | { readonly do: 'edit' | 'around'; readonly at: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('post', 'older', 'newer', 'latest') }),
  fc.record({ do: fc.constantFrom('edit', 'around'), at: fc.nat(2_500) }),
)

test('wherever the window goes, it is contiguous, bounded and up to date', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(step, fc.nat(3)), { maxLength: 60 }),
      fc.integer({ min: 1, max: 2_500 }),
      (steps, posts) => {
        const room = roomOf(posts)
        const timeline = timelineOf(room)
        for (const [action, changesMeanwhile] of steps) {
          if (action.do === 'post') apply(timeline, room.post())
          else if (action.do === 'edit') apply(timeline, room.edit(action.at))
          else if (action.do === 'latest') timeline.showLatest()
          else {
            timeline.beginLoading()
            const index = action.do === 'around' ? action.at % room.messages.length : 0
            const [first, last] = [timeline.messages[0]?.seq ?? 0, timeline.messages.at(-1)?.seq ?? 0]
            const page =
              action.do === 'older'
                ? room.before(first)
                : action.do === 'newer'
                  ? room.after(last)
                  : room.page(index - 25, index + 25)
            for (let count = 0; count < changesMeanwhile; count++)
              apply(timeline, count % 2 === 0 ? room.edit(count * 97) : room.post())
            if (action.do === 'around') timeline.show(page)
            else if (action.do === 'newer' && timeline.hasNewer) timeline.addNewer(page)
            else if (action.do === 'older' && timeline.messages[0]?.seq === first) timeline.addOlder(page)
          }

          for (const window of [timeline.messages, timeline.newest.messages]) {
            assert.ok(window.length <= 1_100)
            const at = room.messages.findIndex(({ seq }) => seq === window[0]?.seq)
            assert.deepEqual(window, room.messages.slice(at, at + window.length))
          }
          assert.equal(timeline.newest.messages.at(-1), room.messages.at(-1))
          assert.equal(timeline.hasNewer, timeline.messages.at(-1) !== room.messages.at(-1))
          assert.equal(timeline.hasOlder, timeline.messages[0]?.seq !== room.messages[0]?.seq)
        }
      },
    ),
    { numRuns: 300 },
  )
})
