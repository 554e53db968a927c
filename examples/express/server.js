import express from 'express'
import session from 'express-session'
import { createChat, createSqliteBackend } from 'natter'

// Yours come from a database, and sign in with a password.
const users = { ada: { id: 'u1', name: 'Ada Lovelace' }, bob: { id: 'u2', name: 'Bob Ross' } }
const sessions = session({ secret: 'change me', resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } })

/** WebSockets do not come past the app's middleware, so their session is looked up here. */
function userOf(request) {
  return new Promise((resolve) => sessions(request, {}, () => resolve(request.session?.user)))
}

const app = express()
app.use(sessions, express.json(), express.urlencoded())

const chat = createChat({ path: '/chat', backend: createSqliteBackend({ file: 'chat.db' }), authenticate: userOf })
app.use(chat.handler)

app.get('/', (req, res) => res.send(req.session.user ? page(req.session.user) : form))
app.post('/login', (req, res) => {
  const { login } = req.body
  if (!Object.hasOwn(users, login)) return res.status(403).send('Nobody of that name')
  req.session.user = users[login]
  return res.redirect(303, '/')
})
app.post('/notes', (req, res) => res.json({ saved: req.body.text }))

const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Express and Natter</title>'
const form = `${head}<form method="post" action="/login"><input name="login" placeholder="ada or bob"><button>Sign in</button></form>`
const page = ({ name }) => `${head}<p>You are ${name}.</p>
<script type="module" src="/chat/element.js"></script>
<natter-chat src="/chat" room="lobby" style="display: block; height: 30rem"></natter-chat>`

const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}`))
chat.attach(server)
process.once('SIGTERM', async () => {
  server.close()
  await chat.close()
})
