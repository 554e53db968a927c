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

test('an edit that is held says so in its place, and is an edit like any other once it is let through, also after a reload', async (t) => {
  const held: AskedMessage[] = []
  const server = await startServer(t, {
    beforeMessage: (message) => (message.kind === 'edit' ? (held.push(message), { hold: 'wait a little' }) : undefined),
  })
  const chat = await browser.open(t, server, { handle: 'Ada' })
  const edited = (text: string) => chat.rows.filter({ hasText: `${text}(edited)` })
  for (const [before, after] of [
    ['one', 'the first'],
    ['two', 'the second'],
  ] as const) {
    await chat.send(before)
    await chat.stored(before)
    await chat.composer.press('ArrowUp')
    const box = chat.page.getByRole('textbox', { name: 'Edit message' })
    await box.fill(after)
    await box.press('Enter')
    await edited(after).getByText('Waiting: wait a little').waitFor()
  }
  await server.chat.release(held[0]!)
  await edited('the first').locator('[data-delivery=stored]').waitFor()
  await edited('the second').getByText('Waiting').waitFor()
  await chat.page.goto('about:blank')
  await server.chat.release(held[1]!)
  await chat.page.goto(server.url)
  await edited('the second').locator('[data-delivery=stored]').waitFor()
  assert.equal(await chat.page.getByText('Waiting').count(), 0)
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
