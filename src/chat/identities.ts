import { ChatError } from '../protocol/errors.ts'
import type { AppUser } from './app-user.ts'
import type { Environment } from './environment.ts'
import type { FaultReport } from './fault-report.ts'
import { isGuestToken } from './guests.ts'
import type { Guests } from './guests.ts'
import { createIdentity } from './identity.ts'
import type { Credentials, Identity, MaybePromise, SessionProbe } from './identity.ts'
import { LateError, withinTime } from './time-limit.ts'
import { TokenRefusal } from './tokens.ts'
import type { TokenVerifier, Verified } from './tokens.ts'

export interface IdentitiesOptions {
  readonly environment: Environment
  readonly faults: FaultReport
  /** Absent where the chat takes no guests. */
  readonly guests: Guests | undefined
  /** Absent where the chat takes no tokens of an app. */
  readonly tokens: TokenVerifier | undefined
  /** Milliseconds the app has to say who a user is. */
  readonly authenticateTimeoutMs: number
}

/** Milliseconds after which to ask an app again that did not answer. */
const ASK_AGAIN_MS = 5_000

/** Finds out who somebody is, by what they show: the one place where that is decided, for sockets and requests alike. */
export class Identities {
  readonly #options: IdentitiesOptions

  constructor(options: IdentitiesOptions) {
    this.#options = options
  }

  /** @throws {ChatError} `unauthorized`; `unavailable` where it cannot be told now; `bad_command` where a guest's name will not do. */
  async identify(credentials: Credentials): Promise<Identity> {
    const { token, session, name } = credentials
    if (token !== undefined) return await this.#byToken(token, name)
    const user = typeof session === 'function' ? await this.#bySession(session) : undefined
    if (user) return user
    if (this.#options.guests) return await this.#options.guests.identify(credentials)
    throw new ChatError(
      'unauthorized',
      session === 'foreign'
        ? 'a page of another site needs a token here; its cookies do not count'
        : 'this chat is for users of its app: sign in there, or say hello with a token',
    )
  }

  async #byToken(token: string, name: string | undefined): Promise<Identity> {
    const { tokens, guests } = this.#options
    if (guests && isGuestToken(token)) return await guests.recognize(token, name)
    if (!tokens) throw new ChatError('unauthorized', 'this chat takes no tokens')
    const { claims, expiresAt } = await this.#verify(tokens, token)
    const user = await this.#ask('tokens.toUser', () => tokens.toUser(claims))
    if (!user) throw new ChatError('unauthorized', 'the token was refused: the app does not let this user in')
    return { ...this.#accept(user, 'tokens.toUser'), expiresAt }
  }

  async #verify(tokens: TokenVerifier, token: string): Promise<Verified> {
    try {
      return await tokens.verify(token)
    } catch (cause) {
      if (cause instanceof TokenRefusal)
        throw new ChatError('unauthorized', `the token was refused: ${cause.message}`, { cause })
      throw this.#unavailable(cause, 'fetching the keys of tokens')
    }
  }

  async #bySession(session: SessionProbe): Promise<Identity | undefined> {
    const user = await this.#ask('authenticate', session)
    return user ? this.#accept(user, 'authenticate') : undefined
  }

  /** Asks the app, for so long. What it throws is its fault, and still a no. */
  async #ask<T>(what: string, question: () => MaybePromise<T>): Promise<T> {
    const { environment, faults, authenticateTimeoutMs } = this.#options
    try {
      return await withinTime(environment, authenticateTimeoutMs, what, question)
    } catch (error) {
      if (error instanceof LateError) throw this.#unavailable(error, `asking ${what}`)
      faults.report(error, { stage: `asking ${what}` })
      throw refusedByApp(error)
    }
  }

  #accept(user: AppUser, maker: string): Identity {
    try {
      return createIdentity(user, maker)
    } catch (error) {
      this.#options.faults.report(error, { stage: `asking ${maker}` })
      throw refusedByApp(error)
    }
  }

  #unavailable(cause: unknown, stage: string): ChatError {
    this.#options.faults.reportOutage(cause, { stage })
    return new ChatError('unavailable', 'it cannot be told now who you are; try again later', {
      cause,
      retryAfterMs: ASK_AGAIN_MS,
    })
  }
}

function refusedByApp(cause: unknown): ChatError {
  return new ChatError('unauthorized', 'the app could not say who you are', { cause })
}
