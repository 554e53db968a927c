import type { WriteCommand } from '../protocol/commands.ts'
import type { ErrorCode } from '../protocol/errors.ts'
import type { MessageId } from '../protocol/ids.ts'
import type { Request } from './connection.ts'
import type { FailureCode, Notice, Stored } from './types.ts'

/** A write as the user meant it. */
export type Write = Extract<Request, Pick<WriteCommand, 'type'>>

/** A write in the outbox. */
export interface Entry {
  write: Write
  /** Its place among what was written in its room. */
  readonly order: number
  /** When it was written, in milliseconds since the Unix epoch by this machine's clock. */
  readonly at: number
  state: EntryState
  /** Set where the write was stored once and is offered again because the log lost changes: the message it had then. */
  readonly lost?: MessageId
  readonly resolve?: (stored: Stored) => void
  readonly reject?: (error: Error) => void
}

export type EntryState =
  /** `tried`: it was sent before, and then the server asked to wait or the connection was lost. */
  | { readonly status: 'queued'; readonly tried?: true }
  /** On this connection, at that time; `late` once the answer has been missing for too long. */
  | { readonly status: 'sent'; readonly at: number; readonly late?: true }
  | ({ readonly status: 'stored' } & Stored)
  | ({ readonly status: 'failed' } & Failure)

export interface Failure {
  readonly code: FailureCode
  readonly message: string
}

/** Whether the same write may be taken a little later. */
export function isTransient(code: ErrorCode): code is Notice['code'] {
  return code === 'rate_limited' || code === 'muted' || code === 'unavailable' || code === 'conflict'
}

/** Whether a refused write may be taken when its user tries again: because of others, the server or the time, not because of what it is. */
export function isRetryable(code: FailureCode): boolean {
  return !/^(refused|held|key_reused|bad_|text_|message_)/.test(code)
}

/** The target of all posts. */
export const POSTS = ''

/** Writes with one target must be stored in the order they were written in: posts, and the changes to one message. */
export function targetOf(write: Write): string {
  return write.type === 'post' ? POSTS : write.messageId
}

/** The same write, with the message `to` in the place of `from`. */
export function readdressed(write: Write, from: MessageId, to: MessageId): Write {
  if (write.type === 'post') return write.replyTo === from ? { ...write, replyTo: to } : write
  return write.messageId === from ? { ...write, messageId: to } : write
}
