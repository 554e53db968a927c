import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hueOf, initialsOf, listNames } from './names.ts'

test('initials are of the first and the last word, whole graphemes, in capitals', () => {
  for (const [name, initials] of [
    ['ada', 'A'],
    ['Ada Lovelace', 'AL'],
    ['ada king-noel', 'AN'],
    ['mary jane watson', 'MW'],
    ['élodie', 'É'],
    ['Guest 42', 'G4'],
    ['李小龍', '李'],
    ['👩🏽‍🚀', '👩🏽‍🚀'],
    ['  spaced  out ', 'SO'],
    ['!!!', '!'],
  ] as const) {
    assert.equal(initialsOf(name), initials, name)
  }
})

test('a user has one hue, and similar ids have different ones', () => {
  assert.equal(hueOf('g_5Tn2'), hueOf('g_5Tn2'))
  const hues = new Set(['u1', 'u2', 'u3', 'u4', 'u5', 'u6'].map(hueOf))
  assert.ok(hues.size >= 4, `${hues.size} hues for six users`)
})

test('names are listed as a sentence would, and the rest is counted', () => {
  assert.equal(listNames([]), '')
  assert.equal(listNames(['Ann']), 'Ann')
  assert.equal(listNames(['Ann', 'Bob']), 'Ann and Bob')
  assert.equal(listNames(['Ann', 'Bob', 'Cat']), 'Ann, Bob and Cat')
  assert.equal(listNames(['Ann', 'Bob', 'Cat', 'Dan'], 2), 'Ann, Bob and 2 more')
})
