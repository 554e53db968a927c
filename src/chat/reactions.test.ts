import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '../protocol/errors.ts'
import type { UserId } from '../protocol/ids.ts'
import { DEFAULT_LIMITS } from '../protocol/limits.ts'
import type { Reaction, User } from '../protocol/message.ts'
import { MAX_REACTIONS_BYTES, withReaction } from './reactions.ts'

const user = (name: string): User => ({ id: `u_${name}` as UserId, name })

const longName = (index: number): string => `${'名'.repeat(36)}${index}`

function react(reactions: readonly Reaction[], name: string, emoji: string, on = true): readonly Reaction[] {
  const after = withReaction(reactions, user(name), emoji, on, DEFAULT_LIMITS)
  if (after instanceof ChatError) throw after
  return after
}

test('emoji and their users stand in the order they were first given, and an emoji goes with its last user', () => {
  let reactions: readonly Reaction[] = []
  for (const [name, emoji] of [
    ['Ada', '👍'],
    ['Bob', '🎉'],
    ['Bob', '👍'],
  ] as const)
    reactions = react(reactions, name, emoji)
  const shown = (): unknown => reactions.map(({ emoji, users }) => [emoji, ...users.map(({ name }) => name)])
  assert.deepEqual(shown(), [
    ['👍', 'Ada', 'Bob'],
    ['🎉', 'Bob'],
  ])
  reactions = react(reactions, 'Ada', '👍', false)
  reactions = react(reactions, 'Bob', '🎉', false)
  assert.deepEqual(shown(), [['👍', 'Bob']])
})

test('what is so already changes nothing', () => {
  const reactions = react([], 'Ada', '👍')
  assert.equal(react(reactions, 'Ada', '👍'), reactions)
  assert.equal(react(reactions, 'Bob', '👍', false), reactions)
})

// 200 guests with long names and 20 emoji each made one message of 1.2 MB, sent to the whole room for every further reaction.
test('the reactions to a message are bounded in bytes; taking one back is not refused', () => {
  let reactions: readonly Reaction[] = []
  const fillUp = (): void => {
    for (let emoji = 0; emoji < 20; emoji++)
      for (let index = 0; index < 200; index++) reactions = react(reactions, longName(index), `e${emoji}`)
  }
  assert.throws(fillUp, { code: 'limit_reached', message: 'this message holds no more reactions' })
  const bytes = Buffer.byteLength(JSON.stringify(reactions))
  assert.ok(bytes <= MAX_REACTIONS_BYTES && bytes > MAX_REACTIONS_BYTES - 512)
  reactions = react(reactions, longName(0), 'e0', false)
  reactions = react(reactions, longName(0), 'e0')
  assert.equal(reactions[0]?.users.at(-1)?.name, longName(0))
})
