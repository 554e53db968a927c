import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTextLog } from './text-log.ts'
import type { Log } from './log.ts'
import type { LogLevel } from './options.ts'

function linesOf(level: LogLevel, use: (log: Log) => void, worker?: number): string[] {
  const lines: string[] = []
  use(
    createTextLog(
      level,
      (line) => void lines.push(line),
      () => new Date(0),
      worker,
    ),
  )
  return lines
}

function logAtEveryLevel(log: Log): void {
  log.debug('d')
  log.request('r', {})
  log.info('i')
  log.warn('w')
  log.error('e', 'x')
}

test('a line is the time, what happened, and the facts about it', () => {
  const lines = linesOf('info', (log) => log.info('message', { room: 'tea', seq: 1, bytes: undefined }))
  assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z natter message room=tea seq=1\n'])
})

test('what is not information says what it is', () => {
  const lines = linesOf('info', (log) => log.warn('refused', { reason: 'origin' }))
  assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z natter WARN refused reason=origin\n'])
})

test('an error is logged with its stack, on one line', () => {
  const [line = ''] = linesOf('error', (log) => log.error('fault', new Error('no\nluck')))
  assert.match(line, /natter ERROR fault error="Error: no\\nluck\\n {4}at [^\n]+"\n$/)
})

test('no value can end a line, move the cursor, or turn the text around', () => {
  const reason = 'a b\n\u001b[31m\u202e\u2028"='
  const [line = ''] = linesOf('info', (log) => log.info('close', { reason, room: 'Käse' }))
  assert.match(line, / reason="a b\\n\\u001b\[31m\\u\{202e\}\\u\{2028\}\\"=" room=Käse\n$/)
})

test('a line of a worker ends with its number, a request too', () => {
  const lines = linesOf('info', (log) => (log.info('open', { connection: 'c1' }), log.request('r', {})), 2)
  assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z natter open connection=c1 worker=2\n', 'r worker=2\n'])
})

test('what is below the level is dropped', () => {
  assert.deepEqual(
    (['debug', 'info', 'warn', 'error', 'silent'] as const).map((level) => linesOf(level, logAtEveryLevel).length),
    [5, 4, 2, 1, 0],
  )
})
