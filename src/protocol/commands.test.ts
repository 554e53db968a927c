import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCommand, parseEnvelope } from './commands.ts'
import type { Command } from './commands.ts'
import { ChatError } from './errors.ts'

const parse = (value: unknown): Command => parseCommand(parseEnvelope(JSON.stringify(value)))
const refusedAs = (code: string) => (error: unknown) => error instanceof ChatError && error.code === code
const post = { type: 'post', id: 1, room: 'lobby', key: '0192f3c1-aaaa', text: 'hi' }

test('a command keeps the fields it has and loses those it does not', () => {
  assert.deepEqual(parse({ ...post, extra: 1, constructor: 2 }), post)
})

test('__proto__ in a frame reaches no prototype', () => {
  const command = parseCommand(
    parseEnvelope('{"type":"leave","id":1,"room":"tea","__proto__":{"room":"other","admin":true}}'),
  )
  assert.deepEqual(command, { type: 'leave', id: 1, room: 'tea' })
  assert.equal((command as unknown as { admin?: boolean }).admin, undefined)
})

test('a type that every object has is no command', () => {
  for (const type of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    assert.throws(() => parse({ type, id: 1 }), refusedAs('unknown_type'))
  }
})

test('a refusal names the field', () => {
  assert.throws(() => parse({ ...post, key: 'short' }), /post: "key": must be 8 to 64/)
  assert.throws(
    () => parse({ type: 'join', id: 1, room: 'a', since: { epoch: 'e', seq: -1, tag: '' } }),
    /"since\.seq"/,
  )
})

test('a text that no store could hold is told apart from a malformed command', () => {
  for (const text of ['half \ud83d', 'NUL \0']) assert.throws(() => parse({ ...post, text }), refusedAs('bad_text'))
  assert.throws(() => parse({ type: 'hello', id: 1, name: '\udc00' }), refusedAs('bad_text'))
})

test('a command without a type has an id to answer to', () => {
  for (const type of [undefined, null, 1, {}]) {
    assert.equal(parseEnvelope(JSON.stringify({ id: 7, type })).id, 7)
    assert.throws(() => parse({ id: 7, type }), refusedAs('bad_command'))
  }
})

test('what is not an object with a usable id has no id to answer to', () => {
  for (const frame of ['', '[]', 'null', '1', '"x"', '{', '[{}]'])
    assert.throws(() => parseEnvelope(frame), refusedAs('bad_json'), frame)
  for (const id of [0, -1, 1.5, 2 ** 53, '1', null, undefined]) {
    assert.throws(() => parseEnvelope(JSON.stringify({ type: 'leave', id })), refusedAs('bad_command'), String(id))
  }
})

test('room names are letters of any script in NFC, and nothing that means something in a path', () => {
  for (const room of ['lobby', 'order:42', 'café', '日本', 'a.b_c~d-e'])
    assert.equal(parse({ type: 'leave', id: 1, room }).type, 'leave')
  for (const room of ['', '.a', 'a/b', 'a b', 'cafe\u0301', 'x'.repeat(65), 'a\u0000', '\ud800', '<b>']) {
    assert.throws(() => parse({ type: 'leave', id: 1, room }), refusedAs('bad_command'), JSON.stringify(room))
  }
})

test('an emoji is one grapheme that is a picture', () => {
  const react = { type: 'react', id: 1, room: 'a', key: '12345678', messageId: 'm', on: true }
  for (const emoji of ['👍', '👍🏽', '👩‍👩‍👧‍👦', '🇫🇷', '❤️', '1️⃣']) assert.equal(parse({ ...react, emoji }).type, 'react')
  for (const emoji of ['', 'a', '1', '👍👍', '<b>', 'ok 👍'])
    assert.throws(() => parse({ ...react, emoji }), refusedAs('bad_command'), emoji)
})

test('history takes one edge', () => {
  assert.throws(
    () => parse({ type: 'history', id: 1, room: 'a', before: 1, after: 2 }),
    /one of before, after and around/,
  )
})
