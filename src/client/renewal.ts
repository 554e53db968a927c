import { ChatError } from '../protocol/errors.ts'
import type { Answer } from '../protocol/events.ts'
import type { Request } from './connection.ts'
import type { ClientEnvironment } from './environment.ts'

/** Milliseconds before its end at which a token is followed by another; a fifth of its life where that is less. */
const AHEAD_MS = 60_000
/** Milliseconds after which it is tried again where there was no answer to act on. */
const AGAIN_MS = 5_000
/** What timers can count. */
const MAX_DELAY_MS = 2 ** 31 - 1

export interface RenewalHandlers {
  /** `refused`: the server did not take the last one. */
  fetchToken(refused: boolean): Promise<string>
  request(request: Request, onAnswer: (answer: Answer) => void): void
  /** The server does not take the token; `final` where it took a fresh one no more than the one before, or there is none. */
  onRefused(error: ChatError, final: boolean): void
  /** The token is of another user than the connection. */
  onOtherUser(): void
  onFault(error: unknown): void
}

/** Brings the server a newer token before the one that an open connection stands on runs out, so that it stays open. */
export class Renewal {
  readonly #environment: Pick<ClientEnvironment, 'setTimer'>
  readonly #handlers: RenewalHandlers
  /** Counts the tokens that are waited for: what comes of an older one is nothing. */
  #turn = 0
  #stopTimer = (): void => {}

  constructor(environment: Pick<ClientEnvironment, 'setTimer'>, handlers: RenewalHandlers) {
    this.#environment = environment
    this.#handlers = handlers
  }

  /** The connection's token runs out in so many milliseconds; undefined where it does not. */
  start(expiresInMs: number | undefined): void {
    this.stop()
    if (expiresInMs !== undefined) this.#renewIn(expiresInMs - Math.min(AHEAD_MS, expiresInMs / 5))
  }

  stop(): void {
    this.#turn++
    this.#stopTimer()
  }

  #renewIn(delayMs: number): void {
    this.#stopTimer = this.#environment.setTimer(() => void this.#renew(false), Math.min(delayMs, MAX_DELAY_MS))
  }

  async #renew(refused: boolean): Promise<void> {
    const turn = this.#turn
    try {
      const token = await this.#handlers.fetchToken(refused)
      if (turn !== this.#turn) return
      this.#handlers.request({ type: 'token', token }, (answer) => this.#answered(answer, refused))
    } catch (error) {
      if (turn !== this.#turn) return
      if (isSignedOut(error)) return this.#handlers.onRefused(error, true)
      this.#handlers.onFault(error)
      this.#renewIn(AGAIN_MS)
    }
  }

  #answered(answer: Answer, refused: boolean): void {
    if (answer.type === 'renewed') return this.start(answer.expiresInMs)
    if (answer.type !== 'error') return
    const { code, message, retryAfterMs = AGAIN_MS } = answer
    if (code === 'forbidden') return this.#handlers.onOtherUser()
    if (code !== 'unauthorized') return this.#renewIn(retryAfterMs)
    if (!refused) void this.#renew(true)
    this.#handlers.onRefused(new ChatError(code, message), refused)
  }
}

/** Whether a token cannot be had because nobody is signed in. */
export function isSignedOut(error: unknown): error is ChatError {
  return error instanceof ChatError && error.code === 'unauthorized'
}
