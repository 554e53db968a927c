import type { CommandType } from '../../src/protocol/commands.ts'

type Fields = Readonly<Record<string, unknown>>

/** A well-formed command of each type, with every field but `type` and `id`. Not all can be carried out. */
export const SAMPLES: Readonly<Record<CommandType, Fields>> = {
  hello: { name: 'Ada', guestToken: 'x', token: 'x', client: { name: 'suite', version: '1' } },
  token: { token: 'x' },
  join: { room: 'suite', since: { epoch: 'e', seq: 1, tag: 't' }, limit: 10 },
  leave: { room: 'suite' },
  post: { room: 'suite', key: 'sample-key-1', text: 'hi', replyTo: 'm1' },
  edit: { room: 'suite', key: 'sample-key-2', messageId: 'm1', text: 'hi' },
  delete: { room: 'suite', key: 'sample-key-3', messageId: 'm1' },
  react: { room: 'suite', key: 'sample-key-4', messageId: 'm1', emoji: '👍', on: true },
  history: { room: 'suite', before: 10, limit: 10 },
  read: { room: 'suite', seq: 1 },
  typing: { room: 'suite', on: true },
}

/** The fields without which a command is malformed. */
export const REQUIRED: Readonly<Record<CommandType, readonly string[]>> = {
  hello: [],
  token: ['token'],
  join: ['room'],
  leave: ['room'],
  post: ['room', 'key', 'text'],
  edit: ['room', 'key', 'messageId', 'text'],
  delete: ['room', 'key', 'messageId'],
  react: ['room', 'key', 'messageId', 'emoji', 'on'],
  history: ['room'],
  read: ['room', 'seq'],
  typing: ['room', 'on'],
}
