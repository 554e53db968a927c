import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { observing } from '../helpers.ts'
import { createTestChat, listen, textOf } from './host.ts'

test('a chat answers what a framework hands on as a Request, and only what is under its path', async (t) => {
  const chat = createTestChat(t, '/chat')
  for (const path of ['/chat', '/chat/', '/chat/r/tea']) {
    const page = await chat.fetch(new Request(`https://app.example${path}`))
    assert.deepEqual([page.status, page.headers.get('Content-Type')], [200, 'text/html; charset=utf-8'])
    assert.ok(page.headers.has('Strict-Transport-Security'))
  }
  assert.equal((await chat.fetch(new Request('https://app.example/chatter'))).status, 404)
})

test('a page of another site may change nothing by it', async (t) => {
  const chat = createTestChat(t, '/chat')
  const statusFor = async (origin: string): Promise<number> => {
    const request = new Request('https://app.example/chat', { method: 'POST', headers: { Origin: origin } })
    return (await chat.fetch(request)).status
  }
  assert.equal(await statusFor('https://app.example'), 405)
  assert.equal(await statusFor('https://evil.example'), 403)
})

test('each is told to the observer, without a query', async (t) => {
  const requests: unknown[] = []
  const observer = observing({ onRequest: ({ ms, ...request }) => void requests.push({ ...request, ms: ms >= 0 }) })
  const chat = createTestChat(t, '/chat', { observer })
  await chat.fetch(new Request('https://app.example/chat/live?token=1'))
  const summary = { address: 'unknown', method: 'GET', path: '/chat/live', httpVersion: '1.1' }
  assert.deepEqual(requests, [{ ...summary, status: 200, bytes: 5, ms: true }])
})

test('a body that was read before is a mistake of the host, and told to it', async (t) => {
  const faults: string[] = []
  const chat = createTestChat(t, '/chat', { onError: (error) => void faults.push(String(error)) })
  const request = new Request('https://app.example/chat', { method: 'POST', body: '{}' })
  await request.text()
  assert.equal((await chat.fetch(request)).status, 500)
  assert.match(faults.join(), /^Error: the body of a request was read before/)
})

test('in a Hono app on Node it knows the connection, and the path before Hono cut it', async (t) => {
  const addresses: string[] = []
  const chat = createTestChat(t, '/chat', { observer: observing({ onRequest: (r) => void addresses.push(r.address) }) })
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.get('/', (c) => c.text("the app's own"))
  app.mount('/chat', chat.fetch)
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const { url } = await listen(
    t,
    createServer((request, response) => void listener(request, response)),
  )
  assert.equal(await textOf(`${url}/`), "the app's own")
  assert.equal(await textOf(`${url}/chat/live`), 'live\n')
  for (const path of ['/chat', '/chat/', '/chat/r/tea']) assert.match(await textOf(url + path), /<natter-chat/)
  assert.deepEqual([...new Set(addresses.map((address) => /^(127\.0\.0\.1|::1)$/.test(address)))], [true])
})
