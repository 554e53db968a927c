import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import type { ServeOptions } from '../../src/index.ts'
import { observing, startServer } from '../helpers.ts'

type Headers = Readonly<Record<string, string>>

/** 101 where a WebSocket with these headers opens, else the status it is refused with. */
async function statusOf(t: TestContext, options: Partial<ServeOptions>, headers: Headers): Promise<number> {
  const { socketUrl } = await startServer(t, options)
  const ws = new WebSocket(socketUrl, 'natter.v1', { headers })
  // Ending what has not opened is an error to ws.
  ws.on('error', () => {})
  t.after(() => ws.terminate())
  const { promise, resolve } = Promise.withResolvers<number>()
  ws.on('open', () => resolve(101))
  ws.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
  return promise
}

test('the chat’s own page may open a WebSocket, another site’s may not', async (t) => {
  assert.equal(await statusOf(t, {}, { host: 'chat.example', origin: 'http://chat.example' }), 101)
  assert.equal(await statusOf(t, {}, { host: 'chat.example', origin: 'https://evil.example' }), 403)
  assert.equal(await statusOf(t, {}, { host: 'chat.example', origin: 'null' }), 403)
})

test('a program, which has no origin, may', async (t) => {
  assert.equal(await statusOf(t, {}, {}), 101)
})

test('another site may where it is listed, and only it', async (t) => {
  const options = { origins: ['https://app.example'] }
  assert.equal(await statusOf(t, options, { origin: 'https://app.example' }), 101)
  assert.equal(await statusOf(t, options, { origin: 'https://app.example.evil.example' }), 403)
})

test('behind a proxy that ends TLS, the page that came by https may, an http page may not', async (t) => {
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'chat.example' }
  assert.equal(await statusOf(t, { trustProxy: 1 }, { ...headers, origin: 'https://chat.example' }), 101)
  assert.equal(await statusOf(t, { trustProxy: 1 }, { ...headers, origin: 'http://chat.example' }), 403)
})

test('what nobody trusted says about the host does not count', async (t) => {
  const headers = { 'x-forwarded-host': 'evil.example', origin: 'http://evil.example' }
  assert.equal(await statusOf(t, {}, headers), 403)
})

test('a page of another site may change nothing by HTTP either', async (t) => {
  const { url } = await startServer(t)
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const foreign = await fetch(url, { method, headers: { origin: 'https://evil.example' } })
    assert.equal(foreign.status, 403, method)
    const own = await fetch(url, { method, headers: { origin: url } })
    assert.equal(own.status, 405, method)
  }
})

test('why an upgrade was refused is said to who looks and to who runs the server', async (t) => {
  const refusals: (string | undefined)[] = []
  const observer = observing({ onRequest: ({ refusal }) => void refusals.push(refusal) })
  const { socketUrl } = await startServer(t, { observer })
  const ws = new WebSocket(socketUrl, 'natter.v1', { origin: 'https://evil.example' })
  ws.on('error', () => {})
  const [, response] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage]
  assert.match(String(await response.setEncoding('utf8').toArray()), /origin/)
  assert.match(String(refusals), /origin/)
  ws.terminate()
})
