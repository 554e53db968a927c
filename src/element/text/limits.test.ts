import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkText, cleanText } from './limits.ts'

test('blank text cannot be sent', () => {
  for (const text of ['', ' ', '\n\t ', '\u3000', '\0']) assert.deepEqual(checkText(text, 10), { kind: 'blank' })
})

test('what is too long is told by how much, in code points', () => {
  assert.equal(checkText('1234567890', 10), undefined)
  assert.equal(checkText('👩'.repeat(10), 10), undefined)
  assert.deepEqual(checkText('12345678901', 10), { kind: 'long', says: '1 character too many' })
  assert.deepEqual(checkText('👩'.repeat(12), 10), { kind: 'long', says: '2 characters too many' })
})

test('text goes as it was typed, but for a blank end and what the wire does not take', () => {
  assert.equal(cleanText('  a\n  b \n\n'), '  a\n  b')
  assert.equal(cleanText('a\0b'), 'ab')
  assert.equal(cleanText('a\ud800b'), 'a\ufffdb')
})
