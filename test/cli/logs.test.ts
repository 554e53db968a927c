import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openSocket, temporaryFolder } from '../helpers.ts'
import type { Finished } from '../helpers/program.ts'
import { startServerProcess } from '../server-process.ts'

const SECRETS = ['s3cret-query', 's3cret-token', 's3cret-text', 's3cret-guest']

/** Everything that is logged of one visit: a page, a connection, a message, a refusal, a close. */
async function visit(t: TestContext, ...args: readonly string[]): Promise<Finished & { readonly guestToken: string }> {
  const server = await startServerProcess(t, { args: ['--data', await temporaryFolder(t), ...args] })
  await fetch(`${server.url}/r/tea?key=s3cret-query`, { headers: { authorization: 'Bearer s3cret-token' } })
  const socket = await openSocket(t, { socketUrl: `${server.socketUrl}?token=s3cret-query` })
  const { guestToken } = await socket.ask({
    type: 'hello',
    name: 'Ada',
    guestToken: 's3cret-guest',
    client: { name: 'a bot', version: '1.2' },
  })
  await socket.ask({ type: 'post', room: 'tea', key: 'key-00000000', text: 's3cret-text' })
  await socket.ask({ type: 'post', room: 'tea', key: 'key-00000001', text: ' ' })
  socket.ws.close(4000, 'bye\nnow')
  await socket.closed
  if (!args.includes('silent')) await server.line((line) => line.includes('close'))
  server.child.kill('SIGTERM')
  return { ...(await server.exited), guestToken: String(guestToken) }
}

function assertNoSecrets({ stdout, stderr, guestToken }: Finished & { readonly guestToken: string }): void {
  for (const secret of [...SECRETS, guestToken]) assert.ok(!(stdout + stderr).includes(secret), secret)
}

test('not on a terminal, each line is a JSON object that says when and what', async (t) => {
  const finished = await visit(t)
  const lines = finished.stdout.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  for (const { time, level, event } of lines) {
    assert.equal(new Date(String(time)).toISOString(), time)
    assert.deepEqual([level, typeof event], ['info', 'string'])
  }
  const find = (event: string): Record<string, unknown> => lines.find((line) => line['event'] === event) ?? {}
  assert.deepEqual(
    lines.map(({ event }) => event),
    ['ready', 'request', 'request', 'open', 'hello', 'message', 'close', 'stopping', 'stopped'],
  )
  assert.match(String(find('ready')['url']), /^http:\/\/localhost:\d+$/)
  assert.match(String(find('request')['line']), /^\S+ - - \[[^\]]+\] "GET \/r\/tea HTTP\/1\.1" 200 \d+$/)
  assert.deepEqual([find('request')['path'], find('request')['status']], ['/r/tea', 200])
  assert.deepEqual([lines[2]?.['path'], lines[2]?.['status']], ['/', 101])
  assert.deepEqual([find('open')['connection'], find('open')['dialect']], ['c1', 'natter.v1'])
  assert.equal(find('hello')['client'], 'a bot/1.2')
  const { room, seq, bytes } = find('message')
  assert.deepEqual([room, seq], ['tea', 1])
  assert.ok(Number(bytes) > 10)
  const { code, reason, seconds } = find('close')
  assert.deepEqual([code, reason, typeof seconds], [4000, 'bye\nnow', 'number'])
  assertNoSecrets(finished)
})

test('as text, requests are in the Common Log Format and the rest are lines of natter’s', async (t) => {
  const finished = await visit(t, '--log-format', 'text')
  const lines = finished.stdout.split('\n')
  const own = lines.filter((line) => line.includes(' natter ')).map((line) => line.replace(/^\S+Z /, ''))
  assert.match(
    lines[1] ?? '',
    /^\S+ - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/r\/tea HTTP\/1\.1" 200 \d+$/,
  )
  assert.match(lines[2] ?? '', /^\S+ - - \[[^\]]+\] "GET \/ HTTP\/1\.1" 101 -$/)
  assert.match(own[0] ?? '', /^natter open connection=c1 address=\S+ dialect=natter\.v1$/)
  assert.match(own[2] ?? '', /^natter message room=tea seq=1 bytes=\d+ kind=post connection=c1$/)
  assert.match(own[3] ?? '', /^natter close connection=c1 code=4000 reason="bye\\nnow" seconds=[\d.]+$/)
  assertNoSecrets(finished)
})

test('refused commands show at the level of debug', async (t) => {
  const { stdout } = await visit(t, '--log-level', 'debug')
  assert.match(stdout, /"level":"debug".*"code":"text_blank"/)
})

test('a silent log still tells where the chat is, and nothing else', async (t) => {
  const { stdout } = await visit(t, '--log-level', 'silent', '--log-format', 'text')
  assert.match(stdout, /^Natter is ready: http:\/\/localhost:\d+$/)
})

test('a reader of the log that goes away does not stop the server', async (t) => {
  const server = await startServerProcess(t, { args: ['--data', await temporaryFolder(t)] })
  server.child.stdout?.destroy()
  for (let i = 0; i < 20; i++) assert.equal((await fetch(`${server.url}/live`)).status, 200)
})
