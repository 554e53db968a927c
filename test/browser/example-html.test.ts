import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { startServer } from '../helpers.ts'
import { useBrowser } from './browser.ts'
import { startHostPage } from './host-page.ts'

const browser = useBrowser()

test('the example of a plain page has a chat in its corner, in its own colours, and counts in its title', async (t) => {
  const server = await startServer(t, { origins: ['*'] })
  const read = async (file: string): Promise<string> => {
    const text = await readFile(new URL(`../../examples/html/${file}`, import.meta.url), 'utf8')
    return text.replaceAll('http://localhost:5000', server.url)
  }
  const [html, css, script] = await Promise.all(['index.html', 'shop.css', 'shop.js'].map(read))
  const host = await startHostPage(t, {
    body: '',
    allows: [server.url],
    pictures: ['data:'],
    routes: {
      '/': () => ({ body: html ?? '' }),
      '/shop.css': () => ({ body: css ?? '' }),
      '/shop.js': () => ({ body: script ?? '' }),
    },
  })
  const visitor = await browser.open(t, host)
  await visitor.button('Open the chat').waitFor()
  await visitor.received('joined')
  const seller = await browser.open(t, server, { handle: 'Ann', room: 'help' })
  await seller.send('May I help you?')
  await visitor.page.waitForFunction(() => document.title === '(1) Leaf & Co.')
  await visitor.button('Open the chat, 1 unread').click()
  await visitor.send('Do you have oolong?')
  await seller.endsWith('Do you have oolong?')
  await visitor.page.waitForFunction(() => document.title === 'Leaf & Co.')
  await visitor.page.mouse.move(0, 0)
  await visitor.page.waitForFunction(
    (button) => button && getComputedStyle(button).backgroundColor === 'rgb(122, 59, 18)',
    await visitor.page.locator('.launcher').elementHandle(),
  )
})
