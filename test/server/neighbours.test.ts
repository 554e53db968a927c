import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server as HttpServer } from 'node:http'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Server as SocketIo } from 'socket.io'
import { WebSocket, WebSocketServer } from 'ws'
import { greet, openSocket } from '../helpers.ts'
import { createTestChat, listen, textOf } from './host.ts'

interface Neighbour {
  /** Adds itself to the server, as its documentation says. */
  readonly start: (t: TestContext, server: HttpServer) => void
  /** Fails unless it answers where it should. */
  readonly check: (t: TestContext, url: string, socketUrl: string) => Promise<void>
}

const NEIGHBOURS: Readonly<Record<string, Neighbour>> = {
  'a server of ws': {
    start(t, server) {
      const own = new WebSocketServer({ server, path: '/own' })
      own.on('connection', (ws) => ws.send('{"from":"the app"}'))
      t.after(() => own.close())
    },
    async check(t, _url, socketUrl) {
      const socket = await openSocket(t, { socketUrl: `${socketUrl}own` }, { subprotocol: undefined })
      assert.deepEqual(await socket.next(), { from: 'the app' })
    },
  },
  'Socket.IO': {
    start(t, server) {
      const io = new SocketIo(server)
      t.after(() => io.close())
    },
    async check(t, url, socketUrl) {
      assert.match(await textOf(`${url}/socket.io/?EIO=4&transport=polling`), /^0\{"sid":/)
      const socketIo = `${socketUrl}socket.io/?EIO=4&transport=websocket`
      const ws = new WebSocket(socketIo)
      t.after(() => ws.terminate())
      const [data] = (await once(ws, 'message')) as [Buffer]
      assert.match(data.toString(), /^0\{"sid":/)
      ws.terminate()
    },
  },
}

for (const [name, { start, check }] of Object.entries(NEIGHBOURS)) {
  for (const order of ['before', 'after']) {
    test(`${name} that is there ${order} the chat keeps its own path, until the chat is closed and after`, async (t) => {
      const chat = createTestChat(t, '/chat')
      const server = createServer(chat.handler)
      if (order === 'after') chat.attach(server)
      start(t, server)
      if (order === 'before') chat.attach(server)
      const { url, socketUrl } = await listen(t, server)
      await greet(t, { socketUrl: `${socketUrl}chat` })
      await check(t, url, socketUrl)
      assert.equal(await textOf(`${url}/chat/live`), 'live\n')
      await chat.close({ spreadMs: 0 })
      await check(t, url, socketUrl)
    })
  }
}
