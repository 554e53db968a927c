import type { Logger } from '../index.ts'
import type { Log, LogFields } from './log.ts'

/** Hands the lines of the chat to the command's own log. */
export function createServerLogger(log: Log): Logger {
  return {
    debug: (fields, event) => log.debug(event, fields as LogFields),
    info(fields, event) {
      const { line, ...facts } = fields as LogFields
      if (event === 'request') log.request(String(line), facts)
      else log.info(event, facts)
    },
    warn: (fields, event) => log.warn(event, fields as LogFields),
    error: ({ err }, event) => log.error(event, err),
  }
}
