import assert from 'node:assert/strict'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { findPython } from '../../scripts/test-requirements.ts'
import { openSocket, startServer, temporaryFolder } from '../helpers.ts'
import { run } from '../helpers/package.ts'
import { codeBlock } from '../readme.ts'

const SECRET = 'a secret of the tests, as long as it has to be'

/** What breaks where text is put together by hand. */
const NAME = String.raw`Zoë "Ö'\Hara" 日本 <b>`

/** A snippet of docs/embedding.md, and the program beside this test that asks it as the framework would. */
interface Snippet {
  readonly language: string
  readonly mark: string
  /** What the program knows the snippet by. */
  readonly file: string
  readonly program: string
  readonly command: readonly [string, ...string[]]
}

const SNIPPETS: Readonly<Record<string, Snippet>> = {
  Django: {
    language: 'python',
    mark: 'def chat_token',
    file: 'snippet.py',
    program: 'ask_django.py',
    command: [findPython() ?? 'python3', 'ask_django.py'],
  },
  Laravel: {
    language: 'php',
    mark: 'class ChatTokenController',
    file: 'snippet.php',
    program: 'ask_laravel.php',
    command: ['php', 'ask_laravel.php'],
  },
  Go: {
    language: 'go',
    mark: 'func chatToken',
    file: 'snippet.go',
    program: 'ask_go.go',
    // Neither has a module of its own: Go would look for one, and ask the network for another version of itself.
    command: ['env', 'GO111MODULE=off', 'GOTOOLCHAIN=local', 'go', 'run', 'ask_go.go', 'snippet.go'],
  },
}

for (const [framework, snippet] of Object.entries(SNIPPETS)) {
  test(`what the page says for ${framework} makes tokens that a chat takes, and none for nobody`, async (t) => {
    const [anonymous, user] = await ask(t, snippet)
    assert.equal(anonymous.status, 401)
    assert.equal(user.status, 200)
    const server = await startServer(t, { tokens: { secret: SECRET, audience: 'natter' } })
    const socket = await openSocket(t, server)
    const welcome = await socket.ask({ type: 'hello', token: user.body.token })
    assert.deepEqual(welcome['user'], { id: '42', name: NAME })
  })
}

interface Answer {
  readonly status: number
  readonly body: { readonly token: string }
}

/** What the snippet answers to somebody without a session, and to user 42. */
async function ask(t: TestContext, { language, mark, file, program, command }: Snippet): Promise<[Answer, Answer]> {
  const folder = await temporaryFolder(t)
  await copyFile(join(import.meta.dirname, 'snippets', program), join(folder, program))
  await writeFile(join(folder, file), await codeBlock('docs/embedding.md', language, mark))
  const [executable, ...args] = command
  return JSON.parse(await run(executable, [...args, SECRET, NAME], folder)) as [Answer, Answer]
}
