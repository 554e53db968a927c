import { createServer, ServerResponse } from 'node:http'
import { getIronSession } from 'iron-session'
import { createChat, createSqliteBackend } from 'natter'
import createNext from 'next'
import { sessionOptions } from './session.js'

/** WebSockets do not come past Next, so their session is read here. */
async function userOf(request) {
  const session = await getIronSession(request, new ServerResponse(request), sessionOptions)
  return session.user
}

const app = createNext({ dev: process.env.NODE_ENV !== 'production' })
await app.prepare()
const others = app.getRequestHandler()

const chat = createChat({ path: '/chat', backend: createSqliteBackend({ file: 'chat.db' }), authenticate: userOf })
const server = createServer((request, response) => chat.handler(request, response, () => others(request, response)))
chat.attach(server)

server.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}`))
process.once('SIGTERM', async () => {
  server.close()
  await chat.close()
  await app.close()
  process.exit()
})
