import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanHandle } from './handle.ts'

test('a handle is trimmed, put into one line and cut to what the server takes', () => {
  for (const [typed, handle] of [
    ['  Ada ', 'Ada'],
    ['Ada\t\nKing', 'Ada King'],
    ['a\0b', 'a b'],
    ['  \u0007 ', ''],
    ['👩👩👩👩👩👩👩👩👩👩👩👩', '👩👩👩👩👩👩👩👩👩👩'],
    ['123456789 12', '123456789'],
  ] as const) {
    assert.equal(cleanHandle(typed, 10), handle)
  }
})
