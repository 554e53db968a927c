import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { getSignedCookie, setSignedCookie } from 'hono/cookie'
import { parseSigned } from 'hono/utils/cookie'
import { createChat, createSqliteBackend } from 'natter'

// Yours come from a database, and sign in with a password.
const users = { ada: { id: 'u1', name: 'Ada Lovelace' }, bob: { id: 'u2', name: 'Bob Ross' } }
const secret = 'change me'

/** WebSockets do not come past the app's middleware, so their cookie is read here. */
async function userOf({ headers }) {
  const { login } = await parseSigned(headers.cookie ?? '', secret, 'login')
  return login ? users[login] : undefined
}

const app = new Hono()

const chat = createChat({ path: '/chat', backend: createSqliteBackend({ file: 'chat.db' }), authenticate: userOf })
app.all('/chat/*', (c) => chat.fetch(c.req.raw, c.env))

app.get('/', async (c) => {
  const login = await getSignedCookie(c, secret, 'login')
  return c.html(login ? page(users[login]) : form)
})
app.post('/login', async (c) => {
  const { login } = await c.req.parseBody()
  if (!Object.hasOwn(users, login)) return c.text('Nobody of that name', 403)
  await setSignedCookie(c, 'login', login, secret, { httpOnly: true, sameSite: 'Lax' })
  return c.redirect('/', 303)
})
app.post('/notes', async (c) => c.json({ saved: (await c.req.json()).text }))

const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Hono and Natter</title>'
const form = `${head}<form method="post" action="/login"><input name="login" placeholder="ada or bob"><button>Sign in</button></form>`
const page = ({ name }) => `${head}<p>You are ${name}.</p>
<script type="module" src="/chat/element.js"></script>
<natter-chat src="/chat" room="lobby" style="display: block; height: 30rem"></natter-chat>`

const port = Number(process.env.PORT ?? 3000)
const server = serve({ fetch: app.fetch, port }, (info) => console.log(`http://localhost:${info.port}`))
chat.attach(server)
process.once('SIGTERM', async () => {
  server.close()
  await chat.close()
})
