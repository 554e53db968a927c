/** Facts about what happened, never what somebody wrote. */
export type LogFields = Readonly<Record<string, unknown>>

/**
 * Where lines go: the part that is used of a logger of pino's shape, as Fastify has one too. Each call is one line.
 * `event` is among the few of `docs/operations.md`.
 */
export interface Logger {
  debug(fields: LogFields, event: string): void
  info(fields: LogFields, event: string): void
  warn(fields: LogFields, event: string): void
  /** `fields.err` is what was thrown. */
  error(fields: LogFields, event: string): void
}
