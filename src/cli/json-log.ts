import { pino } from 'pino'
import type { Log } from './log.ts'
import type { LogLevel } from './options.ts'

/** Writes one JSON object a line, for programs. Each says which worker wrote it, where that is one. */
export function createJsonLog(level: LogLevel, write: (line: string) => void, worker: number | undefined): Log {
  const logger = pino(
    {
      level,
      // The platform that collects the lines knows the process and the machine.
      base: worker === undefined ? null : { worker },
      messageKey: 'event',
      timestamp: createTimestamp(),
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  )
  return {
    debug: (event, fields) => logger.debug(fields, event),
    info: (event, fields) => logger.info(fields, event),
    warn: (event, fields) => logger.warn(fields, event),
    error: (event, error) => logger.error({ err: error }, event),
    request: (line, fields) => logger.info({ ...fields, line }, 'request'),
  }
}

/** What `pino.stdTimeFunctions.isoTime` writes. Lines come in bursts, so it mostly is as for the line before. */
function createTimestamp(): () => string {
  let at = NaN
  let text = ''
  return () => {
    const now = Date.now()
    if (now !== at) text = `,"time":"${new Date((at = now)).toISOString()}"`
    return text
  }
}
