import { ChatError } from '../protocol/errors.ts'
import type { Environment } from './environment.ts'
import type { ErrorContext, OnError } from './observer.ts'

/** Milliseconds between two reports that the same thing is unavailable: while it is, every command fails for the same reason. */
const OUTAGE_REPORT_MS = 10_000

/** Tells the operator what no client could be told: faults of ours, and why the log, or the app, cannot be reached. */
export class FaultReport {
  readonly #onError: OnError
  readonly #environment: Pick<Environment, 'monotonicNow'>
  /** By stage: while one thing is away, the operator still hears of another. */
  readonly #outagesReportedAt = new Map<string, number>()
  /** What a refusal may come of that has a stage of its own already. */
  readonly #outages = new WeakSet<Error>()

  constructor(onError: OnError, environment: Pick<Environment, 'monotonicNow'>) {
    this.#onError = onError
    this.#environment = environment
  }

  /** Reports `error` where it is none of the client's doing, and makes of it what the client may know. */
  refusalOf(error: unknown, context: ErrorContext): ChatError {
    if (!(error instanceof ChatError)) {
      this.#onError(error, context)
      return new ChatError('internal', 'something broke on the server; it has been reported')
    }
    const isKnown = error.cause instanceof Error && this.#outages.has(error.cause)
    if (error.code === 'unavailable' && !isKnown) this.reportOutage(error, context)
    return error
  }

  /** Reports what went wrong behind a refusal. */
  report(error: unknown, context: ErrorContext): void {
    this.#onError(error, context)
  }

  /** The same for what everybody meets as long as it lasts: now and then. */
  reportOutage(error: unknown, context: ErrorContext): void {
    if (error instanceof Error) this.#outages.add(error)
    const now = this.#environment.monotonicNow()
    if (now - (this.#outagesReportedAt.get(context.stage) ?? -Infinity) < OUTAGE_REPORT_MS) return
    this.#outagesReportedAt.set(context.stage, now)
    this.#onError(error, context)
  }
}
