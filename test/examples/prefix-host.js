// An app that mounts a chat by a call which cuts the path off the URL, with Express or with Fastify's middie: copied by
// frameworks.test.ts to where both are installed. Prints its address.
import { createServer } from 'node:http'
import middie from '@fastify/middie'
import express from 'express'
import Fastify from 'fastify'
import { createChat, createMemoryBackend } from 'natter'

const chat = createChat({ path: '/chat', backend: createMemoryBackend() })

const HOSTS = {
  express() {
    const app = express()
    app.use(express.json())
    app.use('/chat', chat.handler)
    return createServer(app)
  },
  async middie() {
    const app = Fastify()
    await app.register(middie)
    app.use('/chat', chat.handler)
    await app.ready()
    return app.server
  },
}

const server = await HOSTS[process.argv[2]]()
chat.attach(server)
server.listen(0, 'localhost', () => process.stdout.write(`http://localhost:${server.address().port}\n`))
