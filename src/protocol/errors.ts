/** Why a command was refused. Stable: clients decide by the code, people read the message. `docs/errors.md` says what to do. */
export const ERROR_CODES = [
  'bad_json',
  'bad_command',
  'unknown_type',
  'id_reused',
  'hello_required',
  'already_hello',
  'text_blank',
  'text_too_long',
  'bad_text',
  'not_joined',
  'room_not_found',
  'message_not_found',
  'message_deleted',
  'forbidden',
  'unauthorized',
  'refused',
  'held',
  'key_reused',
  'limit_reached',
  'muted',
  'rate_limited',
  'conflict',
  'unavailable',
  'internal',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

export interface ChatErrorOptions extends ErrorOptions {
  /** Milliseconds after which the same command may succeed. */
  readonly retryAfterMs?: number
}

/** A command that Natter refuses. What the client gets is the code, the message and the wait; the cause stays here. */
export class ChatError extends Error {
  override readonly name = 'ChatError'
  readonly code: ErrorCode
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, { retryAfterMs, ...options }: ChatErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}
