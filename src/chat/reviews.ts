import { hash } from 'node:crypto'
import * as z from 'zod'
import { ChatError } from '../protocol/errors.ts'
import type { RoomId } from '../protocol/ids.ts'
import type { Access } from './access.ts'
import type { AskedMessage, Verdict } from './message-hook.ts'
import type { ChatOptions } from './options.ts'
import type { Speaker } from './speaker.ts'
import { checkText } from './text.ts'
import { withinTime } from './time-limit.ts'

/** Refusals that are remembered, so that a message sent again gets the same one. */
const MAX_REFUSALS = 10_000

/** A message that waits longer is not sent again by anybody: its key is not known any more. */
const MAX_MUTE_MS = 86_400_000

const said = z.string().refine((value) => value.isWellFormed() && !value.includes('\0'))
const knownVerdict = z.union([
  z.strictObject({ text: said }),
  z.strictObject({ refuse: said }),
  z.strictObject({ hold: said }),
  z.strictObject({ mute: said, forMs: z.int().min(1).max(MAX_MUTE_MS) }),
])

/** Has the app look at messages before they are stored. */
export class Reviews {
  readonly #options: ChatOptions
  readonly #access: Access
  /** Why a message was refused, by who sent it and what it was. The oldest first. */
  readonly #refusals = new Map<string, string>()

  constructor(options: ChatOptions, access: Access) {
    this.#options = options
    this.#access = access
  }

  /** Whether there is an app to ask. */
  get areAsked(): boolean {
    return this.#options.hook !== undefined
  }

  /**
   * The text that a message is to be stored with.
   *
   * @throws {ChatError} as {@link Access.check} does; `refused`, `held` and `muted`, with what the app says to the sender; `internal` where it failed and that is a no
   */
  async review(speaker: Speaker, message: AskedMessage): Promise<string> {
    const name = nameOf(message)
    const refusal = this.#refusals.get(name)
    if (refusal !== undefined) throw new ChatError('refused', refusal)
    const verdict = await this.#ask(speaker, message)
    if (!verdict) return message.text
    if ('text' in verdict) return verdict.text
    if ('hold' in verdict) throw new ChatError('held', verdict.hold || 'the message waits to be let through')
    if ('mute' in verdict)
      throw new ChatError('muted', verdict.mute || 'you may not write for a while', { retryAfterMs: verdict.forMs })
    const reason = verdict.refuse || 'the message was not accepted'
    this.#remember(name, reason)
    throw new ChatError('refused', reason)
  }

  async #ask(speaker: Speaker, message: AskedMessage): Promise<Verdict> {
    const { hook, environment, limits, onError } = this.#options
    if (!hook) return undefined
    const room = await this.#access.detailsFor(speaker, message.kind, message.room as RoomId)
    const context = { user: speaker.appUser, room }
    try {
      const verdict = await withinTime(environment, hook.timeoutMs, 'beforeMessage', () =>
        hook.beforeMessage(message, context),
      )
      return parseVerdict(verdict, limits.textCodePoints)
    } catch (error) {
      onError(error, { stage: 'asking beforeMessage' })
      if (hook.onFailure === 'allow') return undefined
      throw new ChatError(
        'internal',
        'the message could not be looked at, which has been reported; send it again later',
      )
    }
  }

  #remember(name: string, refusal: string): void {
    this.#refusals.set(name, refusal)
    const [oldest] = this.#refusals.keys()
    if (this.#refusals.size > MAX_REFUSALS && oldest !== undefined) this.#refusals.delete(oldest)
  }
}

/** Stands for who sent a message and what it says, whatever they are called by now. */
function nameOf(message: AskedMessage): string {
  return hash('sha256', JSON.stringify({ ...message, author: message.author.id }), 'base64url')
}

/** @throws {Error} where that is no verdict: the app's mistake. */
function parseVerdict(verdict: unknown, textCodePoints: number): Verdict {
  if (verdict === undefined || verdict === null) return undefined
  const result = knownVerdict.safeParse(verdict)
  if (!result.success)
    throw new TypeError(
      'beforeMessage must answer nothing, or one of {text}, {refuse}, {hold} and {mute, forMs} with a string and up to a day in milliseconds',
    )
  if ('text' in result.data) checkText(result.data.text, textCodePoints)
  return result.data
}
