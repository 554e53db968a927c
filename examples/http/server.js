import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { createChat, createSqliteBackend } from 'natter'

// Yours come from a database, and sign in with a password.
const users = { ada: { id: 'u1', name: 'Ada Lovelace' }, bob: { id: 'u2', name: 'Bob Ross' } }
const sessions = new Map()

function userOf(request) {
  const [, id] = /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '') ?? []
  return sessions.get(id)
}

const chat = createChat({ path: '/chat', backend: createSqliteBackend({ file: 'chat.db' }), authenticate: userOf })
const server = createServer((request, response) => chat.handler(request, response, () => answer(request, response)))
chat.attach(server)

async function answer(request, response) {
  const user = userOf(request)
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      return response.setHeader('Content-Type', 'text/html').end(user ? page(user) : form)
    case 'POST /login': {
      const id = randomUUID()
      const login = new URLSearchParams(await text(request)).get('login')
      if (!Object.hasOwn(users, login)) return response.writeHead(403).end('Nobody of that name')
      sessions.set(id, users[login])
      return response.writeHead(303, { Location: '/', 'Set-Cookie': `session=${id}; HttpOnly; SameSite=Lax` }).end()
    }
    case 'POST /notes':
      return response.end(JSON.stringify({ saved: JSON.parse(await text(request)).text }))
    default:
      return response.writeHead(404).end('Not found')
  }
}

const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>node:http and Natter</title>'
const form = `${head}<form method="post" action="/login"><input name="login" placeholder="ada or bob"><button>Sign in</button></form>`
const page = ({ name }) => `${head}<p>You are ${name}.</p>
<script type="module" src="/chat/element.js"></script>
<natter-chat src="/chat" room="lobby" style="display: block; height: 30rem"></natter-chat>`

server.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}`))
process.once('SIGTERM', async () => {
  server.close()
  await chat.close()
})
