import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { createChat, createMemoryBackend } from '../../src/index.ts'
import type { ChatMiddleware } from '../../src/index.ts'
import { greet, openSocket } from '../helpers.ts'
import { exchange, upgradeRequest } from './raw.ts'

function createTestChat(t: TestContext, path: string): ChatMiddleware {
  const backend = createMemoryBackend()
  const chat = createChat({ backend, path })
  t.after(async () => {
    await chat.close({ spreadMs: 0 })
    await backend.close()
  })
  return chat
}

async function listen(t: TestContext, server: Server): Promise<{ port: number; url: string; socketUrl: string }> {
  await new Promise<void>((resolve) => {
    server.listen(0, 'localhost', resolve)
  })
  t.after(() => server.close())
  t.after(() => server.closeAllConnections())
  const { port } = server.address() as AddressInfo
  return { port, url: `http://localhost:${port}`, socketUrl: `ws://localhost:${port}/` }
}

/** An app that answers what the chat leaves to it. */
function appWith({ handler }: ChatMiddleware): RequestListener {
  return (request, response) => handler(request, response, () => response.end(`the app's own ${request.url}`))
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text()
}

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

for (const order of ['before', 'after']) {
  test(`a WebSocket server of the app's own keeps its path, made ${order} the chat was attached`, async (t) => {
    const chat = createTestChat(t, '/chat')
    const server = createServer(chat.handler)
    if (order === 'after') chat.attach(server)
    const own = new WebSocketServer({ server, path: '/own' })
    own.on('connection', (ws) => ws.send('{"from":"the app"}'))
    t.after(() => own.close())
    if (order === 'before') chat.attach(server)
    const { socketUrl } = await listen(t, server)
    const socket = await openSocket(t, { socketUrl: `${socketUrl}own` }, { subprotocol: undefined })
    assert.deepEqual(await socket.next(), { from: 'the app' })
    await greet(t, { socketUrl: `${socketUrl}chat` })
    socket.ws.terminate()
  })
}

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
