import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { removeFolder } from '../helpers/package.ts'
import { checkAppWithChat, checkEnd, countNatterLines } from './app-with-chat.ts'
import { installExamples, readFirstMessage, startExample } from './example-app.ts'

/** Where it is installed. */
let folder: string

before(async () => {
  folder = await installExamples(['next'], [])
})

after(() => removeFolder(folder))

test('next: pages and users of its own, hot reload, and a chat among them, in five lines', async (t) => {
  const example = join(folder, 'next')
  const app = await startExample(t, example)
  await checkAppWithChat(t, app)
  await readFirstMessage(t, new WebSocket(`${app.url}/_next/hmr?id=test`))
  await checkEnd(app)
  assert.equal(await countNatterLines(example, 'server.js'), 5)
})
