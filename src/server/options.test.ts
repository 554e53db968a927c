import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RoomId } from '../protocol/ids.ts'
import { DEFAULT_LIMITS } from '../protocol/limits.ts'
import { resolveOptions } from './options.ts'
import type { ChatMiddlewareOptions } from './options.ts'

function resolve(options: Omit<ChatMiddlewareOptions, 'backend'>): ReturnType<typeof resolveOptions> {
  // Nothing of the backend is used here.
  return resolveOptions({ ...options, backend: {} as ChatMiddlewareOptions['backend'] })
}

test('what is left out has its default, also where it is undefined', () => {
  assert.deepEqual(resolve({ limits: undefined, rooms: undefined }).limits, DEFAULT_LIMITS)
  assert.deepEqual(resolve({ limits: { textCodePoints: 10 } }).limits, { ...DEFAULT_LIMITS, textCodePoints: 10 })
})

test('a limit of 0 is none, in a number that JSON has', () => {
  assert.equal(resolve({ limits: { textCodePoints: 0 } }).limits.textCodePoints, Number.MAX_SAFE_INTEGER)
})

test('a mistake is told with the option and the value it got', () => {
  const mistakes: ReadonlyArray<readonly [Omit<ChatMiddlewareOptions, 'backend'>, RegExp]> = [
    [{ rooms: ['a b'] }, /^TypeError: rooms: "a b" cannot name a room/],
    [{ trustProxy: -1 }, /^RangeError: trustProxy: .*not -1$/],
    [{ maxConnections: 1.5 }, /^RangeError: maxConnections: .*not 1.5$/],
    [{ slowReaderMs: Number.NaN }, /^RangeError: slowReaderMs: .*not NaN$/],
    [{ writeRate: { burst: 1, perMs: 0 } }, /^RangeError: writeRate\.perMs: .*not 0$/],
    [{ limits: { frameBytes: -1 } }, /^RangeError: limits\.frameBytes: .*not -1$/],
    [{ limits: { pageMessages: 0 } }, /^RangeError: limits\.pageMessages: must be from 1 to 100, not 0$/],
    [{ limits: { pageMessages: 101 } }, /^RangeError: limits\.pageMessages: must be from 1 to 100, not 101$/],
    [{ retention: { maxAgeMs: -1 } }, /^RangeError: retention\.maxAgeMs: .*not -1$/],
    [{ retention: { maxMessages: 0.5 } }, /^RangeError: retention\.maxMessages: .*not 0.5$/],
    [{ retention: { maxDays: 30 } as object }, /^TypeError: retention: must be an object with .*not {"maxDays":30}$/],
    [{ retention: '30d' as unknown as object }, /^TypeError: retention: must be an object with .*not "30d"$/],
    [{ metrics: { token: 'two words' } }, /^TypeError: metrics\.token: /],
  ]
  for (const [options, message] of mistakes) assert.throws(() => resolve(options), message)
})

test('retention is asked for by room, and what it answers is checked', () => {
  const { retention } = resolve({
    retention: (room) => {
      if (room === 'news') return { maxAgeMs: 1_000 }
      if (room === 'sales') return { maxMessages: -1 }
      return room === 'support' ? (Promise.resolve({}) as object) : undefined
    },
  })
  assert.deepEqual(retention?.('news' as RoomId), { maxAgeMs: 1_000, maxMessages: 0 })
  assert.deepEqual(retention?.('tea' as RoomId), { maxAgeMs: 0, maxMessages: 0 })
  assert.throws(() => retention?.('sales' as RoomId), /^RangeError: retention\(sales\)\.maxMessages: .*not -1$/)
  assert.throws(() => retention?.('support' as RoomId), /^TypeError: retention\(support\): .*a promise$/)
})

test('retention without a bound removes nothing, and is not asked for', () => {
  assert.equal(resolve({}).retention, undefined)
  assert.equal(resolve({ retention: { maxAgeMs: 0, maxMessages: undefined } }).retention, undefined)
  assert.deepEqual(resolve({ retention: { maxMessages: 9 } }).retention?.('tea' as RoomId), {
    maxAgeMs: 0,
    maxMessages: 9,
  })
})
