import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { greet } from '../helpers.ts'
import { storedTexts, until } from '../helpers/clients.ts'
import { removeFolder } from '../helpers/package.ts'
import { startProgram } from '../helpers/program.ts'
import type { Program } from '../helpers/program.ts'
import { installExamples, signIn, startExample, startUser } from './example-app.ts'

/** The examples that mount a chat, by the names of their folders. */
const FRAMEWORKS = ['http', 'express', 'fastify', 'koa', 'hono', 'nest', 'next']

/** What of an example's source is there for the chat: how it is made, mounted and closed. */
const NATTER = /createChat|'natter'|\bchat\.\w+/

/** Where all of them are installed. */
let folder: string

before(async () => {
  folder = await installExamples(FRAMEWORKS, ['@fastify/middie@9.3.6', 'vite@8.3.8'])
})

after(() => removeFolder(folder))

for (const name of FRAMEWORKS) {
  test(`${name}: the app's own pages and users, and a chat among them`, async (t) => {
    const { program, url } = await startExample(t, join(folder, name))

    await t.test('its routes and its body parser are its own', async () => {
      assert.match(await (await fetch(url)).text(), /<form [^>]*action="\/login"/)
      assert.equal((await fetch(`${url}/chatter`)).status, 404)
      const headers = { 'Content-Type': 'application/json' }
      const note = await fetch(`${url}/notes`, { method: 'POST', body: '{"text":"milk"}', headers })
      assert.deepEqual(await note.json(), { saved: 'milk' })
    })

    await t.test('the chat answers under its path, a request with a body too', async () => {
      for (const path of ['/chat', '/chat/', '/chat/r/tea'])
        assert.match(await (await fetch(url + path)).text(), /<natter-chat src="\/chat\/"/)
      assert.equal(await (await fetch(`${url}/chat/live`)).text(), 'live\n')
      const headers = { 'Content-Type': 'application/json' }
      assert.equal((await fetch(`${url}/chat`, { method: 'POST', body: '{"text":"milk"}', headers })).status, 405)
    })

    await t.test('two of its users see each other by their names, and talk', async () => {
      const [ada, bob] = await Promise.all(['ada', 'bob'].map(async (login) => signIn(url, login)))
      const page = await (await fetch(url, { headers: { Cookie: ada ?? '' } })).text()
      assert.match(page, /You are (<!-- -->)?Ada Lovelace[^]*<natter-chat src="\/chat" room="lobby"/)
      const [adas, bobs] = [ada, bob].map((cookie) => startUser(t, url, cookie ?? '').room('lobby'))
      assert.ok(adas && bobs)
      await until(adas, ({ members }) => members?.length === 2)
      adas.post('tea?')
      assert.deepEqual(await storedTexts(bobs, 1), ['tea?'])
      assert.deepEqual(bobs.state.messages[0]?.author, { id: 'u1', name: 'Ada Lovelace' })
    })

    await t.test('who has not signed in is refused', async (step) => {
      const stranger = startUser(step, url, '')
      stranger.room('lobby')
      await new Promise<void>((resolve) => {
        stranger.on('state', ({ status }) => {
          if (status === 'stopped') resolve()
        })
      })
      assert.deepEqual(stranger.state, { status: 'stopped', reason: 'unauthorized' })
    })

    if (name === 'next')
      await t.test('hot reload goes on', (step) => readFirstMessage(step, new WebSocket(`${url}/_next/hmr?id=test`)))

    program.child.kill('SIGTERM')
    const { code, signal, stderr } = await program.exited
    assert.deepEqual([code, signal, stderr], [0, null, ''])
  })
}

for (const name of FRAMEWORKS) {
  test(`${name}: five lines are Natter’s`, async () => {
    const source = await readFile(join(folder, name, name === 'nest' ? 'main.ts' : 'server.js'), 'utf8')
    assert.equal(source.split('\n').filter((line) => NATTER.test(line)).length, 5)
  })
}

for (const name of ['express', 'middie']) {
  test(`mounted by a call of ${name} that cuts the path off, a chat finds its own`, async (t) => {
    const { address } = await startHost(t, 'prefix-host.js', name)
    for (const path of ['/chat', '/chat/', '/chat/r/tea'])
      assert.match(await (await fetch(new URL(path, address))).text(), /<natter-chat src="\/chat\/"/)
    assert.equal(await (await fetch(new URL('/chat/live', address))).text(), 'live\n')
    assert.equal((await fetch(new URL('/live', address))).status, 404)
    await greet(t, { socketUrl: new URL('/chat', address).href.replace('http', 'ws') })
  })
}

for (const order of ['before', 'after']) {
  test(`Vite's dev server, made ${order === 'before' ? 'after' : 'before'} the chat was attached, keeps its hot reload`, async (t) => {
    const { program, address } = await startHost(t, 'vite-host.js', order)
    await readFirstMessage(t, new WebSocket(address.replace('http', 'ws'), 'vite-hmr'))
    assert.equal((await fetch(new URL('/@vite/client', address))).status, 200)
    await greet(t, { socketUrl: new URL('/chat', address).href.replace('http', 'ws') })
    program.child.kill('SIGTERM')
    assert.deepEqual(await program.exited.then(({ code, stderr }) => [code, stderr]), [0, ''])
  })
}

/** Runs a host of this folder, with one argument, where the frameworks are installed. */
async function startHost(
  t: TestContext,
  file: string,
  argument: string,
): Promise<{ readonly program: Program; readonly address: string }> {
  const host = join(folder, file)
  await cp(join(import.meta.dirname, file), host)
  const program = startProgram(t, process.execPath, [host, argument], { cwd: folder })
  return { program, address: await program.line((line) => line.startsWith('http://')) }
}

async function readFirstMessage(t: TestContext, ws: WebSocket): Promise<void> {
  t.after(() => ws.terminate())
  await once(ws, 'message')
  ws.terminate()
}
