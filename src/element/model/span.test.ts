import assert from 'node:assert/strict'
import { test } from 'node:test'
import { growNewer, growOlder, keepSpan, latestSpan, MAX_ROWS } from './span.ts'
import type { Span, Timeline } from './span.ts'

const timeline = (first: number, last: number, { hasOlder = false, hasNewer = false } = {}): Timeline => ({
  messages: Array.from({ length: last - first + 1 }, (_, index) => messageAt(first + index)),
  hasOlder,
  hasNewer,
})
const seqsOf = ({ messages }: Timeline, { start, end }: Span) => {
  const shown = messages.slice(start, end).map(({ seq }) => Number(seq))
  return [shown[0], shown.at(-1)]
}

test('a room opens at its newest messages', () => {
  const long = timeline(1, 500)
  assert.deepEqual(seqsOf(long, latestSpan(long)), [401, 500])
  const short = timeline(1, 3)
  assert.deepEqual(seqsOf(short, latestSpan(short)), [1, 3])
})

test('while there are older messages the first loaded one only tells how the next one stands', () => {
  const page = timeline(51, 100, { hasOlder: true })
  assert.deepEqual(seqsOf(page, latestSpan(page)), [52, 100])
})

test('older messages that were loaded come in only when they are asked for', () => {
  const before = timeline(51, 100, { hasOlder: true })
  const after = timeline(1, 100)
  const kept = keepSpan(latestSpan(before), before, after, false)
  assert.deepEqual(seqsOf(after, kept), [52, 100])
  assert.deepEqual(seqsOf(after, growOlder(kept, after)), [1, 100])
})

test('walking back through thousands of messages and forth again never shows more than the most rows', () => {
  const room = timeline(1, 2_000)
  let span = latestSpan(room)
  while (span.start > 0) {
    span = growOlder(span, room)
    assert.ok(span.end - span.start <= MAX_ROWS)
  }
  assert.deepEqual(seqsOf(room, span), [1, MAX_ROWS])
  while (span.end < 2_000) {
    span = growNewer(span, room)
    assert.ok(span.end - span.start <= MAX_ROWS)
  }
  assert.deepEqual(seqsOf(room, span), [2_001 - MAX_ROWS, 2_000])
})

test('a reader of the newest messages gets each new one, and the oldest rows go', () => {
  const before = timeline(1, 300)
  const after = timeline(1, 310)
  assert.deepEqual(seqsOf(after, keepSpan({ start: 0, end: 300 }, before, after, true)), [11, 310])
})

test('a reader further up keeps their rows: new ones are let in while there is room', () => {
  const before = timeline(1, 200)
  const after = timeline(1, 400)
  assert.deepEqual(seqsOf(after, keepSpan({ start: 0, end: 200 }, before, after, false)), [1, 300])
})

test('a reader who is not at the end of the loaded messages does not get what comes after it', () => {
  const before = timeline(1, 200)
  const after = timeline(1, 210)
  assert.deepEqual(seqsOf(after, keepSpan({ start: 0, end: 150 }, before, after, false)), [1, 150])
})

test('rows whose ends were unloaded keep what is left of them', () => {
  const before = timeline(1, 100)
  const after = timeline(41, 140, { hasOlder: true })
  assert.deepEqual(seqsOf(after, keepSpan({ start: 0, end: 80 }, before, after, false)), [42, 80])
})

test('when nothing of the rows is left, the newest are shown', () => {
  const before = timeline(1, 100)
  const after = timeline(901, 950, { hasOlder: true })
  assert.deepEqual(seqsOf(after, keepSpan({ start: 0, end: 80 }, before, after, false)), [902, 950])
})

/** Spans look at nothing but who is who. */
function messageAt(seq: number): Timeline['messages'][number] {
  return { uid: `u${seq}`, seq } as Timeline['messages'][number]
}
