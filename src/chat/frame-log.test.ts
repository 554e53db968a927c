import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Position } from '../protocol/message.ts'
import { FrameBudget, FrameLog } from './frame-log.ts'
import type { Cursor } from './frame-log.ts'

const at = (seq: number): Position => ({ epoch: 'e', seq, tag: `t${seq}` }) as unknown as Position

function filled(frames: number, bytes: number): FrameLog {
  const log = new FrameLog(new FrameBudget(), at(0))
  for (let seq = 1; seq <= frames; seq++) log.append(new Uint8Array(bytes).fill(seq & 255), seq * 10, at(seq))
  return log
}

/** Reads from `start` to the end; the first byte of each frame of `bytes` bytes. */
function readAll(log: FrameLog, start: Cursor, bytes: number): number[] {
  const seen: number[] = []
  let cursor = start
  while (cursor.offset < log.end.offset) {
    const slice = log.sliceFrom(cursor.offset)
    assert.ok(slice)
    for (let index = 0; index < slice.bytes.length; index += bytes) seen.push(slice.bytes[index]!)
    cursor = slice.end
  }
  return seen
}

test('a reader gets every frame from its cursor on, across slabs', () => {
  const log = new FrameLog(new FrameBudget(), at(0))
  const start = log.end
  for (let seq = 1; seq <= 200; seq++) log.append(new Uint8Array(100).fill(seq), seq, at(seq))
  assert.deepEqual(
    readAll(log, start, 100),
    Array.from({ length: 200 }, (_, index) => index + 1),
  )
})

test('readers at one place get the very same bytes', () => {
  const log = filled(5, 50)
  const place = log.findCursor(2)!.offset
  assert.equal(log.sliceFrom(place)?.bytes, log.sliceFrom(place)?.bytes)
})

test('a seq leads to the place behind its frame', () => {
  const log = filled(100, 100)
  for (const seq of [0, 1, 50, 99, 100]) assert.equal(log.findCursor(seq)?.offset, seq * 100)
  assert.equal(log.findCursor(101), undefined)
})

test('a signal has a place but no seq', () => {
  const log = filled(2, 10)
  log.append(new Uint8Array(10), 30)
  assert.equal(log.end.offset, 30)
  assert.equal(log.end.position.seq, 2)
  assert.equal(log.findCursor(2), log.end)
})

test('past four megabytes the oldest frames are gone, and a cursor in them gets nothing', () => {
  const log = filled(5_000, 1_000)
  assert.equal(log.sliceFrom(0), undefined)
  assert.equal(log.findCursor(1), undefined)
  assert.ok(log.sliceFrom(log.findCursor(2_000)!.offset))
})

test('a log keeps less while all of them together keep too much, and gives back what it forgets', () => {
  const budget = new FrameBudget()
  budget.bytes = FrameBudget.MAX_BYTES
  const log = new FrameLog(budget, at(0))
  for (let seq = 1; seq <= 2_000; seq++) log.append(new Uint8Array(1_000), seq, at(seq))
  assert.equal(log.sliceFrom(0), undefined)
  assert.ok(budget.bytes - FrameBudget.MAX_BYTES <= 512 * 1024)
  log.forget()
  assert.equal(budget.bytes, FrameBudget.MAX_BYTES)
})

test('a frame that comes alone is not copied, unless it is kept for somebody who is behind', () => {
  const log = new FrameLog(new FrameBudget(), at(0))
  const frame = new Uint8Array(100).fill(7)
  log.append(frame, 1, at(1))
  assert.equal(log.sliceFrom(0)?.bytes, frame)
  log.keep()
  const kept = log.sliceFrom(0)?.bytes
  assert.notEqual(kept?.buffer, frame.buffer)
  assert.deepEqual([...kept!], [...frame])
})

test('what came after a long frame is still there when that is kept', () => {
  const budget = new FrameBudget()
  const log = new FrameLog(budget, at(0))
  const start = log.end
  for (let seq = 1; seq <= 2; seq++) log.append(new Uint8Array(4_000).fill(seq), seq, at(seq))
  log.keep()
  assert.deepEqual(readAll(log, start, 4_000), [1, 2])
  log.forget()
  assert.equal(budget.bytes, 0)
})

test('what a busy room holds at once lies in one piece from the second time on', () => {
  const log = new FrameLog(new FrameBudget(), at(0))
  const pieces = (): number => {
    const start = log.end
    for (let seq = 1; seq <= 300; seq++) log.append(new Uint8Array(100), seq, at(seq))
    let count = 0
    for (let cursor = start; cursor !== log.end; cursor = log.sliceFrom(cursor.offset)!.end) count++
    log.forget()
    return count
  }
  assert.ok(pieces() > 1)
  assert.equal(pieces(), 1)
})

test('a room that was busy once takes little memory again', () => {
  const budget = new FrameBudget()
  const log = new FrameLog(budget, at(0))
  const twoFrames = (): number => {
    for (const seq of [1, 2]) log.append(new Uint8Array(100), seq, at(seq))
    const { bytes } = budget
    log.forget()
    return bytes
  }
  const before = twoFrames()
  for (let seq = 1; seq <= 1_000; seq++) log.append(new Uint8Array(100), seq, at(seq))
  log.forget()
  assert.ok(twoFrames() > before)
  for (let time = 0; time < 10; time++) twoFrames()
  assert.equal(twoFrames(), before)
})

test('a frame larger than any slab has one of its own', () => {
  const log = filled(1, 300_000)
  assert.equal(log.sliceFrom(0)?.bytes.byteLength, 300_000)
})

test('a slice knows when its oldest frame was appended', () => {
  const log = filled(10, 10)
  assert.equal(log.sliceFrom(0)?.oldestAt, 10)
  assert.equal(log.sliceFrom(log.findCursor(7)!.offset)?.oldestAt, 80)
})

test('what was forgotten leaves the cursors of those who have it true', () => {
  const log = filled(3, 10)
  const { end } = log
  log.forget()
  assert.equal(log.findCursor(3), end)
  log.append(new Uint8Array(10).fill(4), 40, at(4))
  assert.deepEqual(readAll(log, end, 10), [4])
})
