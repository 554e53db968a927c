import type { Logger } from '../index.ts'
import type { Log, LogFields } from './log.ts'

/** Hands the lines of the chat to the command's own log. */
export function createServerLogger(log: Log): Logger {
  return {
    debug: (fields, event) => log.debug(event, fields as LogFields),
    info(fields, event) {
      if (event !== 'request') return log.info(event, fields as LogFields)
      const { line, ...facts } = fields as LogFields
      log.request(String(line), facts)
    },
    warn: (fields, event) => log.warn(event, fields as LogFields),
    error: ({ err }, event) => log.error(event, err),
  }
}
