import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AskedMessage } from '../../src/index.ts'
import { startServer } from '../helpers.ts'
import { useBrowser } from './browser.ts'

const browser = useBrowser()

test('the header shows the title that the app gives a room', async (t) => {
  const server = await startServer(t, { resolveRoom: () => ({ title: 'Order 42' }) })
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.page.getByRole('heading', { name: /^Order 42/ }).waitFor()
})

test('a message that is held says so in its place, and is shown as sent once it is let through', async (t) => {
  const held: AskedMessage[] = []
  const server = await startServer(t, {
    beforeMessage: (message) => {
      held.push(message)
      return { hold: 'somebody looks at it first' }
    },
  })
  const chat = await browser.open(t, server, { handle: 'Ada' })
  await chat.send('is this allowed?')
  await chat.row('is this allowed?').getByText('Waiting: somebody looks at it first').waitFor()
  assert.equal(await chat.button('Retry').count(), 0)
  await server.chat.release(held[0]!)
  await chat.stored('is this allowed?')
  assert.equal(await chat.rows.count(), 1)
})

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
