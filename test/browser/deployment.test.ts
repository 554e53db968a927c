import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RestartableServer } from '../faults/restartable-server.ts'
import { useBrowser } from './browser.ts'
import { startTlsProxy } from './tls-proxy.ts'

const browser = useBrowser()

test('a page that came by https opens a wss connection, through the proxy that ends TLS', async (t) => {
  const server = await RestartableServer.start(t, ['--trust-proxy', '1'])
  const proxy = await startTlsProxy(t, server)
  const chat = await browser.open(t, proxy, { handle: 'Ada', ignoreHTTPSErrors: true })
  const bob = await browser.open(t, proxy, { handle: 'Bob', ignoreHTTPSErrors: true })
  await chat.send('in private')
  await chat.stored('in private')
  await bob.endsWith('in private')
  assert.deepEqual(chat.socketUrls, [`${proxy.url.replace('https', 'wss')}/`])
})

test('a server that is killed takes nothing with it: the page goes on by itself, and shows the history to whoever loads it', async (t) => {
  const server = await RestartableServer.start(t)
  const ada = await browser.open(t, server, { handle: 'Ada' })
  await ada.send('before')
  await ada.stored('before')
  const closed = ada.closedSocket()
  await server.kill()
  await closed
  await ada.send('meanwhile')
  await server.startAgain()
  await ada.stored('meanwhile')
  assert.deepEqual(await ada.texts(), ['before', 'meanwhile'])

  await ada.page.reload()
  await ada.endsWith('meanwhile')
  const bob = await browser.open(t, server, { handle: 'Bob' })
  await bob.endsWith('meanwhile')
  for (const chat of [ada, bob]) assert.deepEqual(await chat.texts(), ['before', 'meanwhile'])
  // Who was there when it died is not there twice.
  await bob.button('2 people here').waitFor()
})
