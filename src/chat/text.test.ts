import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '../protocol/errors.ts'
import { checkText, parseName } from './text.ts'

const refusedAs = (code: string) => (error: unknown) => error instanceof ChatError && error.code === code

test('a text is measured in code points, and the refusal says by how many it is over', () => {
  checkText('🦉'.repeat(4), 4)
  assert.throws(() => checkText('🦉'.repeat(6), 4), /2 over/)
  assert.throws(() => checkText('🦉'.repeat(6), 4), refusedAs('text_too_long'))
})

test('white space alone is no message, in any script', () => {
  for (const blank of ['', ' \n\t', '\u00A0\u2003\u3000'])
    assert.throws(() => checkText(blank, 10), refusedAs('text_blank'))
  checkText('\u200D.', 10)
})

test('a name is trimmed and composed', () => {
  assert.equal(parseName('  Zoe\u0308 ', 40), 'Zo\u00EB')
})

test('a name that is empty, too long, or could pass for another is refused', () => {
  for (const name of [' ', 'x'.repeat(41), 'a\nb', 'ada\u202Ebob', 'a\u2066b']) {
    assert.throws(() => parseName(name, 40), refusedAs('bad_command'), JSON.stringify(name))
  }
})
