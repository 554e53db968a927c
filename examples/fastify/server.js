import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import session from '@fastify/session'
import Fastify from 'fastify'
import { createChat, createSqliteBackend } from 'natter'

// Yours come from a database, and sign in with a password.
const users = { ada: { id: 'u1', name: 'Ada Lovelace' }, bob: { id: 'u2', name: 'Bob Ross' } }

/** WebSockets do not come past the app's hooks, so their session is looked up here. */
function userOf({ headers }) {
  const { sessionId } = app.parseCookie(headers.cookie ?? '')
  const visit = {}
  if (sessionId === undefined) return undefined
  return new Promise((resolve) => app.decryptSession(sessionId, visit, () => resolve(visit.session?.user)))
}

const app = Fastify({ logger: { level: 'warn' } })
await app.register(cookie)
await app.register(session, { secret: 'change me to 32 random characters', cookie: { secure: false, sameSite: 'lax' } })
await app.register(formbody)

const chat = createChat({ path: '/chat', backend: createSqliteBackend({ file: 'chat.db' }), authenticate: userOf })
app.addHook('onRequest', (request, reply, next) => chat.handler(request.raw, reply.raw, next))
app.addHook('preClose', () => chat.close())
chat.attach(app.server)

app.get('/', ({ session: { user } }, reply) => reply.type('text/html').send(user ? page(user) : form))
app.post('/login', (request, reply) => {
  const { login } = request.body
  if (!Object.hasOwn(users, login)) return reply.code(403).send('Nobody of that name')
  request.session.user = users[login]
  return reply.redirect('/', 303)
})
app.post('/notes', ({ body }) => ({ saved: body.text }))

const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Fastify and Natter</title>'
const form = `${head}<form method="post" action="/login"><input name="login" placeholder="ada or bob"><button>Sign in</button></form>`
const page = ({ name }) => `${head}<p>You are ${name}.</p>
<script type="module" src="/chat/element.js"></script>
<natter-chat src="/chat" room="lobby" style="display: block; height: 30rem"></natter-chat>`

console.log(await app.listen({ port: Number(process.env.PORT ?? 3000), host: 'localhost' }))
process.once('SIGTERM', () => app.close())
