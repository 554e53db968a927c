import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { pino } from 'pino'
import { interceptedBackend } from '../client/intercepted-backend.ts'
import { greet, startServer } from '../helpers.ts'
import { appWith, createTestChat, listen } from './host.ts'

type Line = Readonly<Record<string, unknown>>

/** A logger of the host's, and the lines it was given. */
function createLogger(level = 'debug'): { readonly logger: ReturnType<typeof pino>; readonly lines: Line[] } {
  const lines: Line[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line) as Line)
  return { logger: pino({ level, base: null }, { write }), lines }
}

test('a logger of the host gets the lines that the standalone server logs, and neither texts nor tokens', async (t) => {
  const { logger, lines } = createLogger()
  const chat = createTestChat(t, '/chat', { logger })
  const server = createServer(appWith(chat))
  chat.attach(server)
  const { url, socketUrl } = await listen(t, server)
  await (await fetch(`${url}/chat/live?token=s3cret`, { headers: { Authorization: 'Bearer s3cret' } })).text()
  await fetch(`${url}/`)
  const socket = await greet(t, { socketUrl: `${socketUrl}chat?token=s3cret` }, 's3cret')
  await socket.ask({ type: 'join', room: 'tea' })
  await socket.ask({ type: 'post', room: 'tea', key: 'key-00000000', text: 's3cret' })
  await socket.ask({ type: 'post', room: 'tea', key: 'key-00000001', text: ' ' })
  await chat.close({ spreadMs: 0 })
  assert.deepEqual(
    lines.map(({ level, msg }) => [level, msg]),
    [
      [30, 'request'],
      [30, 'request'],
      [30, 'open'],
      [30, 'hello'],
      [30, 'message'],
      [20, 'refuse'],
      [30, 'close'],
    ],
  )
  assert.match(String(lines[0]?.['line']), /"GET \/chat\/live HTTP\/1\.1" 200 5$/)
  assert.doesNotMatch(JSON.stringify(lines), /s3cret/)
})

test('a logger of the host gets the faults, and so does its onError', async (t) => {
  const { logger, lines } = createLogger('error')
  const faults: string[] = []
  const server = await startServer(t, {
    backend: interceptedBackend(() => Promise.reject(new Error('the disk is on fire'))),
    logger,
    onError: (error, { stage }) => void faults.push(`${stage}: ${String(error)}`),
  })
  const socket = await greet(t, server)
  await socket.ask({ type: 'post', room: 'tea', key: 'key-00000000', text: 's3cret' })
  assert.equal(lines.length, 1)
  assert.match(String(lines[0]?.['msg']), /^fault while /)
  assert.match(JSON.stringify(lines[0]?.['err']), /the disk is on fire/)
  assert.match(faults.join(), /the disk is on fire/)
  assert.doesNotMatch(JSON.stringify(lines), /s3cret/)
})

test('what is no logger is refused by name', (t) => {
  for (const logger of [{}, { debug() {}, info() {}, warn() {} }]) {
    assert.throws(
      () => createTestChat(t, '/chat', { logger: logger as never }),
      /^TypeError: logger: a logger has the methods debug, info, warn and error$/,
    )
  }
})
