import { ChatError } from '../protocol/errors.ts'
import type { Environment } from './environment.ts'
import type { ErrorContext, OnError } from './observer.ts'

/** Milliseconds between two reports that something is unavailable: while it is, every command fails for the same reason. */
const OUTAGE_REPORT_MS = 10_000

/** Tells the operator what no client could be told: faults of ours, and why the log, or the app, cannot be reached. */
export class FaultReport {
  readonly #onError: OnError
  readonly #environment: Environment
  #outageReportedAt = -Infinity

  constructor(onError: OnError, environment: Environment) {
    this.#onError = onError
    this.#environment = environment
  }

  /** Reports `error` where it is none of the client's doing, and makes of it what the client may know. */
  refusalOf(error: unknown, context: ErrorContext): ChatError {
    if (!(error instanceof ChatError)) {
      this.#onError(error, context)
      return new ChatError('internal', 'something broke on the server; it has been reported')
    }
    if (error.code === 'unavailable') this.reportOutage(error, context)
    return error
  }

  /** Reports what went wrong behind a refusal. */
  report(error: unknown, context: ErrorContext): void {
    this.#onError(error, context)
  }

  /** The same for what everybody meets as long as it lasts: now and then. */
  reportOutage(error: unknown, context: ErrorContext): void {
    const now = this.#environment.monotonicNow()
    if (now - this.#outageReportedAt < OUTAGE_REPORT_MS) return
    this.#outageReportedAt = now
    this.#onError(error, context)
  }
}
