import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeEnvironment } from './environment.ts'
import { RandomText } from './random-text.ts'

test('texts have the length asked for, use the whole alphabet and do not repeat', () => {
  const random = new RandomText(nodeEnvironment)
  const texts = Array.from({ length: 2_000 }, () => random.next(7))
  assert.ok(texts.every((text) => /^[A-Za-z0-9_-]{7}$/.test(text)))
  assert.equal(new Set(texts).size, texts.length)
  assert.equal(new Set(texts.join('')).size, 64)
})

test('the same bytes make the same texts, and few calls for bytes make many', () => {
  let calls = 0
  const environment = {
    ...nodeEnvironment,
    randomBytes: (length: number) => Uint8Array.from({ length }, (_, index) => index + 100 * calls++),
  }
  const first = new RandomText(environment)
  const texts = Array.from({ length: 10 }, () => first.next(5))
  calls = 0
  const second = new RandomText(environment)
  assert.deepEqual(
    Array.from({ length: 10 }, () => second.next(5)),
    texts,
  )
})
