import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { cleanName, isName, normalizeName } from './names.ts'

test('what was typed is trimmed, put into one line, composed and cut', () => {
  for (const [typed, name] of [
    ['  Ada ', 'Ada'],
    ['Ada\t\nKing', 'Ada King'],
    ['a\0b', 'a b'],
    ['  \u0007 ', ''],
    ['ada\u202Ebob', 'ada bob'],
    ['\u2066Ada\u2069 ', 'Ada'],
    ['Zoe\u0308', 'Zo\u00EB'],
    ['e\u0308'.repeat(11), '\u00EB'.repeat(10)],
    ['👩👩👩👩👩👩👩👩👩👩👩👩', '👩👩👩👩👩👩👩👩👩👩'],
    ['123456789 12', '123456789'],
  ] as const) {
    assert.equal(cleanName(typed, 10), name)
  }
})

test('what is made of anything typed is a name, or nothing', () => {
  const awkward = fc.constantFrom(
    ' ',
    '\n',
    '\0',
    '\u202A',
    '\u202E',
    '\u2066',
    '\u2069',
    '\u0308',
    '\u0344',
    '\ud800',
    '👩',
    'e',
  )
  const typed = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: awkward }))
  fc.assert(
    fc.property(typed, fc.integer({ min: 1, max: 12 }), (text, maxCodePoints) => {
      const name = cleanName(text, maxCodePoints)
      if (name === '') return
      assert.equal(normalizeName(name), name)
      assert.ok(isName(name, maxCodePoints))
      assert.ok(name.isWellFormed())
    }),
  )
})

test('a name that is empty, too long, or could pass for another is none', () => {
  assert.ok(isName('Ada King', 8))
  for (const name of ['', 'Ada King!', 'a\nb', 'a\u202Eb', 'a\u2066b'])
    assert.equal(isName(name, 8), false, JSON.stringify(name))
})
