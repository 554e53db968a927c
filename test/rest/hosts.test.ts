import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { test } from 'node:test'
import { createTestChat, listen } from '../server/host.ts'
import { ask } from './client.ts'
import type { Page, Stored } from './client.ts'

const ROOM = '/chat/api/rooms/tea/messages'

test('in a host whose parser has read the body, posting works all the same', async (t) => {
  const { handler } = createTestChat(t, '/chat')
  const server = createServer((request: IncomingMessage & { body?: unknown }, response) => {
    void (async () => {
      if (request.method === 'POST') request.body = await json(request)
      handler(request, response)
    })()
  })
  const { url } = await listen(t, server)
  const { status, headers } = await ask<Stored>(url + ROOM, 'POST', { text: 'parsed before' })
  assert.equal(status, 201)
  assert.match(headers.get('Location') ?? '', /^\/chat\/api\/rooms\/tea\/messages\//)
  assert.equal((await ask<Page>(url + ROOM)).body.messages[0]?.text, 'parsed before')
})

test('by fetch alone, without a server, messages are posted, read and followed', async (t) => {
  const chat = createTestChat(t, '/chat')
  const request = (path: string, init?: RequestInit): Promise<Response> =>
    chat.fetch(new Request(`http://chat.example${path}`, init))
  const events = await request('/chat/api/rooms/tea/events')
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader()
  const posted = await request(ROOM, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"text":"hi"}',
  })
  assert.equal(posted.status, 201)
  const page = (await (await request(ROOM)).json()) as Page
  assert.equal(page.messages[0]?.text, 'hi')
  let streamed = ''
  while (!streamed.includes('"text":"hi"')) streamed += (await reader.read()).value ?? ''
  await chat.close({ spreadMs: 0 })
  while (!streamed.includes('"goodbye"')) streamed += (await reader.read()).value ?? ''
  assert.equal((await reader.read()).done, true)
})
