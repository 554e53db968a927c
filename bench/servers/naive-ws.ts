/**
 * The peer everyone writes first: `ws`, a set of clients per room, and a loop that sends to each. Nothing is stored.
 *
 * `node naive-ws.ts <port>`; the path names the room.
 */
import { WebSocketServer, type WebSocket } from 'ws'

const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1' })
const rooms = new Map<string, Set<WebSocket>>()
let lastId = 0

server.on('connection', (socket, request) => {
  const clients = enterRoom(request.url ?? '/', socket)
  socket.on('message', (data: Buffer) => {
    const { handle, text } = JSON.parse(data.toString()) as { handle: string; text: string }
    const message = JSON.stringify({ id: ++lastId, handle, text, postedAt: Date.now() })
    for (const client of clients) client.send(message)
  })
  socket.on('close', () => clients.delete(socket))
})

function enterRoom(name: string, socket: WebSocket): Set<WebSocket> {
  const clients = rooms.get(name) ?? new Set()
  rooms.set(name, clients.add(socket))
  return clients
}
