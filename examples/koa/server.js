import { createServer, ServerResponse } from 'node:http'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import Koa from 'koa'
import session from 'koa-session'
import { createChat, createSqliteBackend } from 'natter'

// Yours come from a database, and sign in with a password.
const users = { ada: { id: 'u1', name: 'Ada Lovelace' }, bob: { id: 'u2', name: 'Bob Ross' } }

const app = new Koa({ keys: ['change me'] })
app.use(session({ sameSite: 'lax' }, app))
app.use(bodyParser())

const router = new Router()
router.get('/', (ctx) => {
  ctx.type = 'html'
  ctx.body = ctx.session.user ? page(ctx.session.user) : form
})
router.post('/login', (ctx) => {
  const { login } = ctx.request.body
  if (!Object.hasOwn(users, login)) ctx.throw(403, 'Nobody of that name')
  ctx.session.user = users[login]
  ctx.status = 303
  ctx.redirect('/')
})
router.post('/notes', (ctx) => {
  ctx.body = { saved: ctx.request.body.text }
})
app.use(router.routes())

const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Koa and Natter</title>'
const form = `${head}<form method="post" action="/login"><input name="login" placeholder="ada or bob"><button>Sign in</button></form>`
const page = ({ name }) => `${head}<p>You are ${name}.</p>
<script type="module" src="/chat/element.js"></script>
<natter-chat src="/chat" room="lobby" style="display: block; height: 30rem"></natter-chat>`

/** WebSockets do not come past the app's middleware, so their session is looked up here. */
function userOf(request) {
  return app.createContext(request, new ServerResponse(request)).session.user
}

const others = app.callback()
const chat = createChat({ path: '/chat', backend: createSqliteBackend({ file: 'chat.db' }), authenticate: userOf })
const server = createServer((request, response) => chat.handler(request, response, () => others(request, response)))
chat.attach(server)

server.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}`))
process.once('SIGTERM', async () => {
  server.close()
  await chat.close()
})
