import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeFrame } from './frame.ts'

/** RFC 6455 §5.2: FIN, no reserved bits, opcode 1. */
const WHOLE_TEXT = 0x81

for (const [length, header] of [
  [0, [WHOLE_TEXT, 0]],
  [125, [WHOLE_TEXT, 125]],
  [126, [WHOLE_TEXT, 126, 0, 126]],
  [65_535, [WHOLE_TEXT, 126, 0xff, 0xff]],
  [65_536, [WHOLE_TEXT, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
] as const) {
  test(`a frame of ${length} bytes is whole, plain text with its length before it`, () => {
    const frame = encodeFrame('x'.repeat(length))
    assert.deepEqual([...frame.subarray(0, header.length)], header)
    assert.equal(Buffer.from(frame.subarray(header.length)).toString(), 'x'.repeat(length))
  })
}

test('the length is of the UTF-8 bytes', () => {
  assert.deepEqual([...encodeFrame('é')], [WHOLE_TEXT, 2, 0xc3, 0xa9])
})
