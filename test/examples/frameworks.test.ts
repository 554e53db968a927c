import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { greet } from '../helpers.ts'
import { removeFolder } from '../helpers/package.ts'
import { startProgram } from '../helpers/program.ts'
import type { Program } from '../helpers/program.ts'
import { checkAppWithChat, checkEnd, countNatterLines } from './app-with-chat.ts'
import { installExamples, readFirstMessage, startExample } from './example-app.ts'

/** The examples that mount a chat, by the names of their folders. Next.js weighs more than all of them: it is tested beside. */
const FRAMEWORKS = ['http', 'express', 'fastify', 'koa', 'hono', 'nest']

/** Where all of them are installed. */
let folder: string

before(async () => {
  folder = await installExamples(FRAMEWORKS, ['@fastify/middie@9.3.6', 'vite@8.3.8'])
})

after(() => removeFolder(folder))

for (const name of FRAMEWORKS) {
  test(`${name}: the app's own pages and users, and a chat among them, in five lines`, async (t) => {
    const example = join(folder, name)
    const app = await startExample(t, example)
    await checkAppWithChat(t, app)
    await checkEnd(app)
    assert.equal(await countNatterLines(example, name === 'nest' ? 'main.ts' : 'server.js'), 5)
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
