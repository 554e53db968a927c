import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { useBrowser } from '../browser/browser.ts'
import { startHostPage } from '../browser/host-page.ts'
import { startServer } from '../helpers.ts'
import type { NatterChat as Component } from '../../src/react.ts'

const browser = useBrowser()

/** What the package publishes as `natter/react`. */
const PUBLISHED = fileURLToPath(new URL('../../dist/react.js', import.meta.url))

const asPublished: Plugin = {
  name: 'as-published',
  setup(bundler) {
    bundler.onResolve({ filter: /src\/react\.ts$/ }, () => ({ path: PUBLISHED }))
  },
}

/** The app as its own build would make it: chunks and all, each under the path that it is asked for. */
async function bundleApp(): Promise<Record<string, () => { readonly body: string }>> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('app.tsx', import.meta.url))],
    outdir: '/',
    bundle: true,
    splitting: true,
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"development"' },
    plugins: [asPublished],
    write: false,
  })
  return Object.fromEntries(outputFiles.map(({ path, text }) => [path, () => ({ body: text })]))
}

test('an app of React has the chat, and a room of its own hooks, on one socket that closes when it unmounts', async (t) => {
  const server = await startServer(t, { origins: ['*'] })
  const host = await startHostPage(t, {
    body: '<div id="root"></div>',
    scripts: ['/app.js'],
    allows: [server.url],
    routes: await bundleApp(),
  })
  const bob = await browser.open(t, server, { handle: 'Bob', room: 'tea' })
  const ada = await browser.open(t, { url: 'about:blank#' })
  await ada.page.goto(`${host.url}/?chat=${server.url}`)
  const says = (id: string, text: string) => ada.page.getByTestId(id).filter({ hasText: text }).waitFor()

  await ada.send('hello')
  await bob.endsWith('hello')
  await bob.send('welcome')
  await ada.endsWith('welcome')
  await ada.button('Post by the hook').click()
  await ada.stored('by the hook')
  await ada.button('Post by the ref').click()
  await ada.stored('by the ref')
  await ada.send('no')
  assert.equal(await ada.composer.inputValue(), 'no')
  const all = 'hello, welcome, by the hook, by the ref'
  await says('texts', all)
  await says('heard', all)
  await says('status', 'open')
  assert.equal(await ada.page.getByTestId('heard').innerText(), all)
  // Strict mode mounts twice: the first client is closed before it has connected.
  assert.deepEqual(ada.socketUrls, [server.socketUrl])
  assert.equal(await ada.page.locator('natter-chat').getAttribute('theme'), 'dark')

  await ada.button('Show coffee').click()
  await says('drawn', 'coffee: coffee')
  assert.equal(await ada.page.getByTestId('drawn').innerText(), 'tea: none, tea: tea, coffee: none, coffee: coffee')

  const closed = ada.closedSocket()
  await ada.button('Close the shop').click()
  await closed
  await ada.button('Open the shop').click()
  await ada.endsWith('by the ref')
  assert.equal(ada.socketUrls.length, 2)
})

test('rendered to a string it is the element with what stands in it', async () => {
  const { NatterChat } = (await import(PUBLISHED)) as { readonly NatterChat: typeof Component }
  const link = createElement('a', { href: '/chat' }, 'Open the chat')
  const html = renderToString(
    createElement(
      NatterChat,
      { src: '/chat', room: 'tea', popup: true, onMessage: () => {}, tokenProvider: () => '' },
      link,
    ),
  )
  assert.match(html, /^<natter-chat [^>]*src="\/chat"[^>]*><a href="\/chat">Open the chat<\/a><\/natter-chat>$/)
  assert.match(html, / room="tea"/)
  assert.match(html, / popup(=""|)[ >]/)
  assert.doesNotMatch(html, /onMessage|tokenProvider|undefined/)
})
