import { isBelow } from './log.ts'
import type { Log, LogFields } from './log.ts'
import type { LogLevel } from './options.ts'

/**
 * Writes lines for people. Requests are bare, in the Common Log Format; all others begin with the time and `natter`. Each ends with
 * which worker wrote it, where that is one.
 */
export function createTextLog(
  threshold: LogLevel,
  write: (line: string) => void,
  now: () => Date,
  worker: number | undefined,
): Log {
  const end = `${formatFields({ worker })}\n`

  function writeAt(level: LogLevel): Log['info'] {
    if (isBelow(level, threshold)) return () => {}
    const mark = level === 'info' ? '' : ` ${level.toUpperCase()}`
    return (event, fields = {}) => write(`${now().toISOString()} natter${mark} ${event}${formatFields(fields)}${end}`)
  }
  const writeError = writeAt('error')
  return {
    debug: writeAt('debug'),
    info: writeAt('info'),
    warn: writeAt('warn'),
    error: (event, error) =>
      writeError(event, { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    request: isBelow('info', threshold) ? () => {} : (line) => write(line + end),
  }
}

function formatFields(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${quoteIfNeeded(String(value))}`)
    .join('')
}

/** Peers choose the reason of a close and the name of a room: neither may end a line, colour it or turn it around. */
function quoteIfNeeded(value: string): string {
  if (/^[^\s"=\p{C}]+$/u.test(value)) return value
  return JSON.stringify(value).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escapeCodePoint)
}

function escapeCodePoint(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}
