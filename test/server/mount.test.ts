import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { greet } from '../helpers.ts'
import { SELF_SIGNED } from '../helpers/self-signed.ts'
import { appWith, createTestChat, listen, textOf } from './host.ts'
import { exchange, upgradeRequest } from './raw.ts'

test('a chat in an app touches only its own path', async (t) => {
  const chat = createTestChat(t, '/chat')
  const { url } = await listen(t, createServer(appWith(chat)))
  assert.equal(await textOf(`${url}/`), "the app's own /")
  assert.equal(await textOf(`${url}/chatter?x`), "the app's own /chatter?x")
  for (const path of ['/chat', '/chat/', '/chat/r/tea'])
    assert.match(await textOf(url + path), /<natter-chat src="\/chat\/"/)
  assert.equal(await textOf(`${url}/chat/live`), 'live\n')
})

test('what the page loads is under the path too', async (t) => {
  const { url } = await listen(t, createServer(appWith(createTestChat(t, '/chat'))))
  const paths = [...(await textOf(`${url}/chat`)).matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path = '']) => path)
  assert.ok(paths.length > 2)
  for (const path of paths) {
    assert.match(path, /^\/chat\//)
    assert.equal((await fetch(url + path)).status, 200, path)
  }
})

test('without an app around it a chat answers 404 to what is not its own', async (t) => {
  const { handler } = createTestChat(t, '/chat')
  const { url } = await listen(t, createServer(handler))
  assert.equal((await fetch(url)).status, 404)
})

test('frameworks that cut the mount path off the URL are understood', async (t) => {
  const { handler } = createTestChat(t, '/chat')
  const express: RequestListener = (request: IncomingMessage & { originalUrl?: string }, response: ServerResponse) => {
    request.originalUrl = request.url ?? '/'
    request.url = request.originalUrl.slice('/chat'.length) || '/'
    handler(request, response)
  }
  const { url } = await listen(t, createServer(express))
  assert.match(await textOf(`${url}/chat/r/tea`), /<natter-chat/)
  assert.equal(await textOf(`${url}/chat/live`), 'live\n')
})

test('WebSockets on the path are the chat’s, with and without the slash', async (t) => {
  const chat = createTestChat(t, '/chat')
  const server = createServer(chat.handler)
  chat.attach(server)
  const { socketUrl, port } = await listen(t, server)
  for (const path of ['chat', 'chat/', 'chat?x=1']) await greet(t, { socketUrl: socketUrl + path })
  assert.match(await exchange(t, port, upgradeRequest({}, { target: '/' })), /^HTTP\/1\.1 404 /)
})

test('a server of node:https will do as well', async (t) => {
  const chat = createTestChat(t, '/chat')
  const server = createSecureServer({ key: SELF_SIGNED.key, cert: SELF_SIGNED.certificate }, chat.handler)
  chat.attach(server)
  const { port } = await listen(t, server)
  const ws = new WebSocket(`wss://localhost:${port}/chat`, 'natter.v1', { ca: SELF_SIGNED.certificate })
  t.after(() => ws.terminate())
  await once(ws, 'open')
})

for (const path of ['/', '/inside']) {
  test(`behind a proxy that makes ${path} of its own path, the chat is where the server is told`, async (t) => {
    const chat = createTestChat(t, '/chat')
    const server = createServer(appWith(chat))
    chat.attach(server, { path })
    const { url, socketUrl } = await listen(t, server)
    const base = path === '/' ? '' : path
    await greet(t, { socketUrl: `${socketUrl}${base.slice(1)}` })
    assert.equal(await textOf(`${url}${base}/live`), 'live\n')
    // Browsers send to the proxy what the page links to.
    assert.match(await textOf(`${url}${base}/r/tea`), /<natter-chat src="\/chat\/"/)
    if (path !== '/') assert.equal(await textOf(`${url}/chat`), "the app's own /chat")
  })
}

test('one chat can serve two servers, and tell them apart', async (t) => {
  const chat = createTestChat(t, '/chat')
  const [front, behindProxy] = [createServer(appWith(chat)), createServer(appWith(chat))]
  chat.attach(front)
  chat.attach(behindProxy, { path: '/' })
  const [{ url, socketUrl }, behind] = [await listen(t, front), await listen(t, behindProxy)]
  await greet(t, { socketUrl: `${socketUrl}chat` })
  await greet(t, behind)
  assert.equal(await textOf(`${url}/live`), "the app's own /live")
  assert.equal(await textOf(`${behind.url}/live`), 'live\n')
})

test('where a server has the chat must be a path', (t) => {
  const chat = createTestChat(t, '/chat')
  assert.throws(() => chat.attach(createServer(), { path: 'chat' }), /^TypeError: path: "chat" must be/)
})

test('two chats can live on one server, and closing one leaves the other', async (t) => {
  const [tea, coffee] = [createTestChat(t, '/tea'), createTestChat(t, '/coffee')]
  const server = createServer((request, response) =>
    tea.handler(request, response, () => coffee.handler(request, response)),
  )
  tea.attach(server)
  coffee.attach(server)
  const { socketUrl, port } = await listen(t, server)
  const inTea = await greet(t, { socketUrl: `${socketUrl}tea` })
  const inCoffee = await greet(t, { socketUrl: `${socketUrl}coffee` })
  assert.match(await exchange(t, port, upgradeRequest({}, { target: '/milk' })), /^HTTP\/1\.1 404 /)
  await tea.close({ spreadMs: 0 })
  assert.equal((await inTea.closed).code, 1012)
  assert.equal((await inCoffee.ask({ type: 'join', room: 'cups' }))['type'], 'joined')
  assert.match(await exchange(t, port, upgradeRequest({}, { target: '/tea' })), /^HTTP\/1\.1 404 /)
})

test('two chats can live on two servers of one process', async (t) => {
  const chats = [createTestChat(t, '/chat'), createTestChat(t, '/chat')]
  const texts: unknown[] = []
  for (const [index, chat] of chats.entries()) {
    const server = createServer(chat.handler)
    chat.attach(server)
    const { socketUrl } = await listen(t, server)
    const socket = await greet(t, { socketUrl: `${socketUrl}chat` })
    await socket.ask({ type: 'join', room: 'tea' })
    await socket.ask({ type: 'post', room: 'tea', key: `key-0000000${index}`, text: `in ${index}` })
    const { messages } = await socket.ask({ type: 'history', room: 'tea' })
    texts.push((messages as readonly { readonly text: string }[]).map(({ text }) => text))
  }
  assert.deepEqual(texts, [['in 0'], ['in 1']])
})

test('a closed chat lets go of the server, which serves on', async (t) => {
  const chat = createTestChat(t, '/chat')
  const server = createServer(appWith(chat))
  chat.attach(server)
  const { url, socketUrl } = await listen(t, server)
  await greet(t, { socketUrl: `${socketUrl}chat` })
  await chat.close({ spreadMs: 0 })
  assert.equal(server.listenerCount('upgrade'), 0)
  assert.equal(await textOf(`${url}/`), "the app's own /")
  assert.equal((await fetch(`${url}/chat/ready`)).status, 503)
})

test('while a chat closes it opens no more WebSockets', async (t) => {
  const chat = createTestChat(t, '/')
  const server = createServer(chat.handler)
  server.on('upgrade', (request, socket, head) => chat.upgrade(request, socket, head))
  const { socketUrl } = await listen(t, server)
  await chat.close({ spreadMs: 0 })
  const ws = new WebSocket(socketUrl, 'natter.v1')
  const error = await new Promise<Error>((resolve) => {
    ws.on('error', resolve)
  })
  assert.match(error.message, /503/)
})
