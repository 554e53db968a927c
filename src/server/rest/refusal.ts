import type { Context } from 'hono'
import type { ChatError } from '../../protocol/errors.ts'
import { respondJson } from '../respond.ts'
import type { HttpErrorCode } from './shapes.ts'
import { STATUSES } from './statuses.ts'

/** A request that is refused for what it is as HTTP; nothing of it reached the chat. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal'
  readonly code: HttpErrorCode
  readonly headers: Readonly<Record<string, string>>

  constructor(code: HttpErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.code = code
    this.headers = headers
  }
}

/** Answers a request that was refused: with the code of the error, and the status that stands for it. */
export function respondRefused(c: Context, refusal: ChatError | HttpRefusal): Response {
  const { code, message } = refusal
  if (refusal instanceof HttpRefusal)
    return respondJson(c, STATUSES[code], { error: { code, message } }, refusal.headers)
  const { retryAfterMs } = refusal
  const error = { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) }
  return respondJson(c, STATUSES[code], { error }, headersOf(refusal))
}

function headersOf({ code, retryAfterMs }: ChatError): Readonly<Record<string, string>> {
  // RFC 9110 §11.6.1: who is asked to say who they are is told how.
  if (code === 'unauthorized') return { 'WWW-Authenticate': 'Bearer' }
  return retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) }
}
