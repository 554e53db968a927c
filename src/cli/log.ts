import type { LogLevel } from './options.ts'

/** What goes with a line: facts about it, never what somebody wrote. */
export type LogFields = Readonly<Record<string, string | number | undefined>>

/** Where lines go. What is below the level it was made with is dropped. */
export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  /** A fault, with what happened if it is an `Error`. */
  error(event: string, error: unknown): void
  /** A request: `line` is in the Common Log Format, and `fields` say the same. */
  request(line: string, fields: LogFields): void
}

const SEVERITY = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 } as const satisfies Record<LogLevel, number>

/** Whether lines of `level` are dropped by a log of level `threshold`. */
export function isBelow(level: LogLevel, threshold: LogLevel): boolean {
  return SEVERITY[level] < SEVERITY[threshold]
}
