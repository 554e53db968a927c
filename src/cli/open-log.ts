import { pino } from 'pino'
import { createJsonLog } from './json-log.ts'
import type { Log } from './log.ts'
import type { ServeValues } from './options.ts'
import { createTextLog } from './text-log.ts'

/** Bytes of lines that may wait where whoever reads them is slow. Past it lines are dropped, rather than memory filled. */
const MAX_WAITING_BYTES = 16 * 1_024 * 1_024

/** Milliseconds for which lines are collected into one write, unless somebody watches. */
const COLLECT_MS = 200

export interface OpenLog {
  readonly log: Log
  /** Tells where the chat is, at any level. */
  readonly announce: (url: string) => void
  readonly format: 'text' | 'json'
  /** Writes whole lines as they are. */
  readonly pass: (lines: string) => void
  /** Writes what waits. For the end of the process: it blocks. */
  readonly flush: () => void
}

/**
 * Opens the log on standard output: blocking on a terminal, else in the background, in as few writes as it takes.
 *
 * @param worker The number of this process among workers, if it is one.
 */
export function openLog(
  { logFormat, logLevel }: Pick<ServeValues, 'logFormat' | 'logLevel'>,
  worker: number | undefined,
): OpenLog {
  const isTerminal = process.stdout.isTTY
  const destination = pino.destination({ dest: 1, sync: isTerminal, maxLength: MAX_WAITING_BYTES })
  const waiting: string[] = []

  function writeWaiting(): void {
    if (waiting.length > 0) destination.write(waiting.splice(0).join(''))
  }

  /** A write costs more than making the lines that go with it. Nobody watches a pipe so closely as to miss a fifth of a second. */
  function write(line: string): void {
    if (waiting.push(line) === 1) setTimeout(writeWaiting, isTerminal ? 0 : COLLECT_MS)
  }

  const isText = logFormat === 'text' || (logFormat === 'auto' && isTerminal)
  return {
    log: isText ? createTextLog(logLevel, write, () => new Date(), worker) : createJsonLog(logLevel, write, worker),
    announce: (url) =>
      isText ? write(`Natter is ready: ${url}\n`) : createJsonLog('info', write, worker).info('ready', { url }),
    format: isText ? 'text' : 'json',
    pass: write,
    flush() {
      writeWaiting()
      destination.flushSync()
    },
  }
}
