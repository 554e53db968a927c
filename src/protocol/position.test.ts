import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Epoch, Seq, Tag } from './ids.ts'
import { formatPosition, parsePosition } from './position.ts'

test('a position goes into one word and back', () => {
  for (const [epoch, seq, tag] of [
    ['k3', 42, 'c1'],
    ['a-_Z', 0, ''],
    ['x', 999_999_999_999_999, '-_-_'],
  ] as const) {
    const position = { epoch: epoch as Epoch, seq: seq as Seq, tag: tag as Tag }
    assert.deepEqual(parsePosition(formatPosition(position)), position)
  }
})

test('what is no position is told apart', () => {
  for (const text of ['', '42', 'k3:42', ':42:c1', 'k3:-1:c1', 'k3:4.2:c1', 'k3:42:c1:d', 'k3:42:c 1', 'k3:1e3:c1\n'])
    assert.equal(parsePosition(text), undefined, text)
})
