import type { IncomingMessage } from 'node:http'
import {
  Body,
  Controller,
  ForbiddenException,
  Get,
  Header,
  HttpCode,
  Module,
  Post,
  Redirect,
  Session,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Request, Response } from 'express'
import session from 'express-session'
import { createChat, createSqliteBackend } from 'natter'

interface User {
  id: string
  name: string
}
interface AppSession {
  user?: User
}

// Yours come from a database, and sign in with a password.
const users = new Map<string, User>([
  ['ada', { id: 'u1', name: 'Ada Lovelace' }],
  ['bob', { id: 'u2', name: 'Bob Ross' }],
])
const sessions = session({ secret: 'change me', resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } })

/** WebSockets do not come past the app's middleware, so their session is looked up here. */
function userOf(request: IncomingMessage & { session?: AppSession }): Promise<User | undefined> {
  return new Promise((resolve) => {
    sessions(request as Request, {} as Response, () => resolve(request.session?.user))
  })
}

const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Nest and Natter</title>'
const form = `${head}<form method="post" action="/login"><input name="login" placeholder="ada or bob"><button>Sign in</button></form>`
const page = ({ name }: User): string => `${head}<p>You are ${name}.</p>
<script type="module" src="/chat/element.js"></script>
<natter-chat src="/chat" room="lobby" style="display: block; height: 30rem"></natter-chat>`

@Controller()
class AppController {
  @Get()
  @Header('Content-Type', 'text/html')
  home(@Session() { user }: AppSession): string {
    return user ? page(user) : form
  }

  @Post('login')
  @Redirect('/', 303)
  login(@Body('login') login: string, @Session() visit: AppSession): void {
    const user = users.get(login)
    if (!user) throw new ForbiddenException('Nobody of that name')
    visit.user = user
  }

  @Post('notes')
  @HttpCode(200)
  note(@Body('text') text: string): { saved: string } {
    return { saved: text }
  }
}

@Module({ controllers: [AppController] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] })
app.use(sessions)

const chat = createChat({ path: '/chat', backend: createSqliteBackend({ file: 'chat.db' }), authenticate: userOf })
app.use(chat.handler)
chat.attach(app.getHttpServer())

await app.listen(process.env['PORT'] ?? 3000, 'localhost')
console.log(await app.getUrl())
process.once('SIGTERM', () => void chat.close().then(() => app.close()))
