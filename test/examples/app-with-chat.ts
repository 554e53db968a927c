import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Message } from '../../src/protocol.ts'
import { storedTexts, until } from '../helpers/clients.ts'
import { signIn, startUser } from './example-app.ts'
import type { RunningExample } from './example-app.ts'

/** What of an example's source is there for the chat: how it is made, mounted and closed. */
const NATTER = /createChat|'natter'|\bchat\.\w+/

/** What every example has to do: with its own pages and users, and with those of the chat. */
export async function checkAppWithChat(t: TestContext, { url }: RunningExample): Promise<void> {
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

  await t.test('they may post by plain HTTP too, past whatever of the app parses bodies', async () => {
    const address = `${url}/chat/api/rooms/kitchen/messages`
    const headers = { Cookie: await signIn(url, 'bob'), 'Content-Type': 'application/json' }
    const posted = await fetch(address, { method: 'POST', body: '{"text":"milk is out"}', headers })
    assert.equal(posted.status, 201)
    const { messages } = (await (await fetch(address, { headers })).json()) as { readonly messages: Message[] }
    assert.deepEqual(
      messages.map(({ text, author }) => [text, author]),
      [['milk is out', { id: 'u2', name: 'Bob Ross' }]],
    )
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
}

/** Asks an example to end while two of its users are in the chat. */
export async function checkEnd({ program }: RunningExample): Promise<void> {
  program.child.kill('SIGTERM')
  const { code, signal, stderr } = await program.exited
  assert.deepEqual([code, signal, stderr], [0, null, ''])
}

/** How many lines of an example's source are there for the chat. */
export async function countNatterLines(folder: string, file: string): Promise<number> {
  const source = await readFile(join(folder, file), 'utf8')
  return source.split('\n').filter((line) => NATTER.test(line)).length
}
