import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, createServer, get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { greet } from '../helpers.ts'
import { appWith, createTestChat, listen, textOf } from './host.ts'

test('a host that closes its server and its chat comes to an end, also with connections kept alive', async (t) => {
  const chat = createTestChat(t, '/chat')
  const server = createServer(appWith(chat))
  chat.attach(server)
  const { url, socketUrl } = await listen(t, server)
  await greet(t, { socketUrl: `${socketUrl}chat` })
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  for (const path of ['/chat', '/']) {
    const [response] = (await once(get(url + path, { agent }), 'response')) as [IncomingMessage]
    await response.resume().toArray()
  }
  const closed = once(server, 'close')
  server.close()
  await chat.close({ spreadMs: 0 })
  await closed
})

test('a chat is closed once, however often that is asked for', async (t) => {
  const chat = createTestChat(t, '/chat')
  const server = createServer(appWith(chat))
  chat.attach(server)
  const { socketUrl } = await listen(t, server)
  const socket = await greet(t, { socketUrl: `${socketUrl}chat` })
  await Promise.all([chat.close({ spreadMs: 0 }), chat.close()])
  await chat.close()
  assert.equal((await socket.closed).code, 1012)
})

test('a chat that was never attached closes, and attached later it leaves the server alone', async (t) => {
  const chat = createTestChat(t, '/chat')
  await chat.close()
  const server = createServer(appWith(chat))
  chat.attach(server)
  assert.equal(server.listenerCount('upgrade'), 0)
  assert.equal(Object.hasOwn(server, 'emit'), false)
  const { url } = await listen(t, server)
  assert.equal(await textOf(`${url}/`), "the app's own /")
})

test('a closed chat leaves the server as it was, whatever else was put around it', async (t) => {
  const server = createServer()
  const [first, second] = [createTestChat(t, '/first'), createTestChat(t, '/second')]
  first.attach(server)
  second.attach(server)
  await first.close()
  assert.equal(Object.hasOwn(server, 'emit'), true)
  await second.close()
  assert.equal(server.listenerCount('upgrade'), 0)
})
