import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createMemoryBackend } from '../../src/index.ts'
import { useBrowser } from '../browser/browser.ts'
import { startServer } from '../helpers.ts'
import { ask } from './client.ts'
import type { Page } from './client.ts'

/** The examples of docs/rest.md and README.md are run as they stand there, but for the address. */

const ADDRESS = 'http://localhost:5000'
const browser = useBrowser()

/** The programs of the examples: curl, which tells a refusal by its exit code when it is asked to, and `natter` from its sources. */
const PROGRAMS = `
curl() { command curl -sS --fail-with-body "$@"; }
npx() { "${process.execPath}" "${new URL('../../src/cli/main.ts', import.meta.url).pathname}" "\${@:2}"; }`

function read(path: string): Promise<string> {
  return readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
}

/** The blocks of a document in one language, for the server at `url`. */
async function blocksOf(path: string, language: string, url: string): Promise<string[]> {
  const blocks = [...(await read(path)).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, block = '']) => block,
  )
  return blocks.filter((block) => block.includes(ADDRESS)).map((block) => block.replaceAll(ADDRESS, url))
}

/** Runs a block; a stream, which does not end by itself, is ended at its first event. Resolves to what it printed. */
function run(t: TestContext, block: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', `${PROGRAMS}\n${block}`], { detached: true })
  const kill = (): void => {
    if (shell.exitCode === null && shell.signalCode === null && shell.pid !== undefined) process.kill(-shell.pid)
  }
  t.after(kill)
  let [out, err] = ['', '']
  shell.stderr.on('data', (chunk) => (err += String(chunk)))
  shell.stdout.on('data', (chunk) => {
    out += String(chunk)
    if (!/^data: .*\n\n/m.test(out)) return
    resolve(out)
    kill()
  })
  shell.on('error', reject)
  shell.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`${block}\n${code} ${out}${err}`))))
  return promise
}

test('the commands of docs/rest.md do what it says', async (t) => {
  const [, secret = ''] = /^export NATTER_TOKEN_SECRET='(.*)'$/m.exec(await read('docs/rest.md')) ?? []
  const { url } = await startServer(t, { tokens: { secret, audience: 'natter' }, guests: true })
  const printed: string[] = []
  for (const block of await blocksOf('docs/rest.md', 'sh', url)) printed.push(await run(t, block))
  const { messages } = (await ask<Page>(`${url}/api/rooms/lobby/messages`)).body
  assert.deepEqual(
    messages.map(({ author, text }) => [
      author.name.startsWith('Guest') ? 'Guest' : author.name,
      /^\w+ \w+ +\d+/.test(text) ? 'a date' : text,
    ]),
    [
      ['CI', 'The build is green'],
      ['Guest', 'Lunch?'],
      ['Clock', 'a date'],
      ['CI', 'Hello'],
      ['CI', 'v42 is out'],
      ['Deploys', 'v43 is out'],
    ],
  )
  const [post, , twice, bot, page, follow, resume] = printed
  assert.match(post ?? '', /"guestToken":"/)
  assert.match(twice ?? '', /^(\{.+\})\1$/)
  assert.doesNotMatch(bot ?? '', /guestToken/)
  assert.match(page ?? '', /"v43 is out"/)
  assert.match(follow ?? '', /^retry: 2000\nid: [\w-]+:6:[\w-]+\ndata: \{"type":"changes"/)
  assert.match(resume ?? '', /^data: \{"type":"reset","room":"lobby","reason":"epoch"\}/m)
})

test('the commands of README.md do what it says', async (t) => {
  const { url } = await startServer(t)
  const [block = ''] = await blocksOf('README.md', 'sh', url)
  assert.match(await run(t, block), /"messageId":.*^data: \{"type":"changes"/ms)
})

test('the EventSource of docs/rest.md shows everything once, also what was posted while its server was away', async (t) => {
  const backend = createMemoryBackend()
  const [first, elsewhere] = [await startServer(t, { backend }), await startServer(t, { backend })]
  const [block = ''] = await blocksOf('docs/rest.md', 'js', first.url)
  const { page } = await browser.open(t, first, { handle: 'Ada' })
  const shown: string[] = []
  const news = new EventEmitter()
  await page.exposeFunction('show', (text: string) => news.emit('shown', shown.push(text)))
  const post = (text: string): Promise<unknown> => ask(`${elsewhere.url}/api/rooms/lobby/messages`, 'POST', { text })
  const until = async (count: number): Promise<void> => {
    while (shown.length < count) await once(news, 'shown')
  }
  const opened = page.waitForResponse((response) => response.url().endsWith('/events'))
  await page.evaluate(block)
  await opened
  await post('there')
  await until(1)
  await first.close()
  await post('away')
  await startServer(t, { backend, port: first.port })
  await until(2)
  await post('back')
  await until(3)
  assert.deepEqual(shown, ['there', 'away', 'back'])
})
