import * as z from 'zod'
import { ChatError } from './errors.ts'
import { emoji, id, key, messageId, pageLimit, position, room, seq, text, token } from './fields.ts'

/** A frame that is a JSON object with an id to answer; nothing else of it is known yet. */
export interface Envelope {
  readonly id: number
  readonly [field: string]: unknown
}

const hello = z.object({
  type: z.literal('hello'),
  id,
  name: text.optional(),
  guestToken: token.optional(),
  token: token.optional(),
  client: z.object({ name: text.max(64), version: text.max(64) }).optional(),
})
const renewal = z.object({ type: z.literal('token'), id, token })
const join = z.object({ type: z.literal('join'), id, room, since: position.optional(), limit: pageLimit.optional() })
const leave = z.object({ type: z.literal('leave'), id, room })
const post = z.object({ type: z.literal('post'), id, room, key, text, replyTo: messageId.optional() })
const edit = z.object({ type: z.literal('edit'), id, room, key, messageId, text })
const remove = z.object({ type: z.literal('delete'), id, room, key, messageId })
const react = z.object({ type: z.literal('react'), id, room, key, messageId, emoji, on: z.boolean() })
const history = z
  .object({
    type: z.literal('history'),
    id,
    room,
    before: seq.optional(),
    after: seq.optional(),
    around: messageId.optional(),
    limit: pageLimit.optional(),
  })
  .refine(
    ({ before, after, around }) => [before, after, around].filter((edge) => edge !== undefined).length <= 1,
    'takes one of before, after and around',
  )
const read = z.object({ type: z.literal('read'), id, room, seq })
const typing = z.object({ type: z.literal('typing'), id, room, on: z.boolean() })

/** Every command by its type: what validates it, and what its TypeScript type and the published schemas are made from. */
export const COMMANDS = {
  hello,
  token: renewal,
  join,
  leave,
  post,
  edit,
  delete: remove,
  react,
  history,
  read,
  typing,
} as const

export type CommandType = keyof typeof COMMANDS
type CommandOf<T extends CommandType> = z.infer<(typeof COMMANDS)[T]>
export type HelloCommand = CommandOf<'hello'>
export type TokenCommand = CommandOf<'token'>
export type JoinCommand = CommandOf<'join'>
export type LeaveCommand = CommandOf<'leave'>
export type PostCommand = CommandOf<'post'>
export type EditCommand = CommandOf<'edit'>
export type DeleteCommand = CommandOf<'delete'>
export type ReactCommand = CommandOf<'react'>
export type HistoryCommand = CommandOf<'history'>
export type ReadCommand = CommandOf<'read'>
export type TypingCommand = CommandOf<'typing'>
/** A command that adds a change to a room's log. */
export type WriteCommand = PostCommand | EditCommand | DeleteCommand | ReactCommand
export type Command =
  HelloCommand | TokenCommand | JoinCommand | LeaveCommand | WriteCommand | HistoryCommand | ReadCommand | TypingCommand

/**
 * Reads the part of a frame that every command has.
 *
 * @throws {ChatError} `bad_json` where the frame is not a JSON object, `bad_command` where it has no usable id.
 */
export function parseEnvelope(frame: string): Envelope {
  const value = parseObject(frame)
  if (!Number.isSafeInteger(value['id']) || (value['id'] as number) < 1) {
    throw new ChatError(
      'bad_command',
      'a command needs an "id": a whole number from 1 up that this connection has not used',
    )
  }
  return value as unknown as Envelope
}

/**
 * Makes a known shape of a command; fields it does not know are dropped.
 *
 * @throws {ChatError} `unknown_type`; `bad_text` or `bad_command` with the name of the field and what it must be.
 */
export function parseCommand(envelope: Envelope): Command {
  const { type } = envelope
  if (typeof type !== 'string') throw new ChatError('bad_command', 'a command needs a "type": a string')
  if (!isCommandType(type)) {
    throw new ChatError('unknown_type', `there is no command "${type.toWellFormed().slice(0, 32)}"`)
  }
  return parseCommandOf(type, envelope)
}

/**
 * The same for a command that is to be of that type.
 *
 * @throws {ChatError} `bad_text` or `bad_command` with the name of the field and what it must be.
 */
export function parseCommandOf<T extends CommandType>(type: T, envelope: Envelope): CommandOf<T> {
  const result = COMMANDS[type].safeParse(envelope)
  if (result.success) return result.data as CommandOf<T>
  const [issue] = result.error.issues
  const field = issue?.path.join('.')
  const isBadText = issue?.code === 'custom' && issue.params?.['refusal'] === 'bad_text'
  throw new ChatError(
    isBadText ? 'bad_text' : 'bad_command',
    `${type}${field ? `: "${field}"` : ''}: ${issue?.message ?? 'malformed'}`,
  )
}

function isCommandType(type: string): type is CommandType {
  return Object.hasOwn(COMMANDS, type)
}

function parseObject(frame: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(frame)
  } catch (cause) {
    throw new ChatError('bad_json', 'a frame is one JSON object', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ChatError('bad_json', 'a frame is one JSON object')
  return value as Record<string, unknown>
}
