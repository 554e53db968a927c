/**
 * The peer most people choose: Socket.IO with its defaults, but WebSockets only, so that no time goes into polling. Nothing is stored.
 *
 * `node socket-io.ts <port>`; a client that emits `join` talks to that room, any other to everyone.
 */
import { Server } from 'socket.io'

const io = new Server(Number(process.argv[2]), { transports: ['websocket'], serveClient: false })
let lastId = 0

io.on('connection', (socket) => {
  let room: string | undefined
  socket.on('join', async (name: string, joined: () => void) => {
    await socket.join(name)
    room = name
    joined()
  })
  socket.on('chat', ({ handle, text }: { handle: string; text: string }) => {
    const message = { id: ++lastId, handle, text, postedAt: Date.now() }
    if (room === undefined) io.emit('chat', message)
    else io.to(room).emit('chat', message)
  })
})
