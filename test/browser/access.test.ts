import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '../helpers.ts'
import { useBrowser } from './browser.ts'

const browser = useBrowser()

test('whoever loses a room sees why, and neither its messages nor a box to write in', async (t) => {
  const barred = new Set<string>()
  const server = await startServer(t, { authorize: ({ id }) => !barred.has(id) })
  const chat = await browser.open(t, server, { handle: 'Eve' })
  await chat.send('hello')
  await chat.stored('hello')
  const { author } = (await chat.received('change')).message as { author: { id: string } }
  barred.add(author.id)
  await server.chat.revalidate(author.id)
  await chat.page.getByRole('heading', { name: 'You no longer have access to this room' }).waitFor()
  assert.deepEqual([await chat.rows.count(), await chat.composer.count()], [0, 0])
})
