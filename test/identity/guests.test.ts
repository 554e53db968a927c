import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createSqliteBackend } from '../../src/index.ts'
import { startServer, temporaryFolder } from '../helpers.ts'
import { startRedis } from '../helpers/redis.ts'
import { Peer } from '../protocol/peer.ts'
import { newKey } from '../protocol/target.ts'
import { startServerProcess } from '../server-process.ts'
import { sign, SIGNED_IN } from './tokens.ts'

/** A guest in the lobby: a new one, or the one whose token it is. */
async function enterAs(t: TestContext, url: string, name: string, guestToken?: string): Promise<[Peer, string]> {
  const peer = await Peer.connect(t, url)
  const welcome = await peer.hello({ name, guestToken })
  await peer.join('lobby')
  return [peer, welcome.guestToken ?? '']
}

/** What Ada posts at one server she may edit and delete at another, or the same, and nobody else may. */
async function assertHers(
  t: TestContext,
  from: string,
  at: string,
  adasToken: string,
  bobsToken: string,
): Promise<void> {
  const [ada] = await enterAs(t, from, 'Ada', adasToken)
  const { messageId } = await ada.post('lobby', 'hers')
  // Under her very name, and with a token of one's own: neither makes it his.
  const [[bob], [stranger], [adaAgain]] = [
    await enterAs(t, at, 'Ada', bobsToken),
    await enterAs(t, at, 'Ada'),
    await enterAs(t, at, 'Countess', adasToken),
  ]
  for (const other of [bob, stranger]) {
    await other.refusal('forbidden', { type: 'edit', room: 'lobby', key: newKey(), messageId, text: 'his' })
    await other.refusal('forbidden', { type: 'delete', room: 'lobby', key: newKey(), messageId })
  }
  await adaAgain.ask('ack', { type: 'edit', room: 'lobby', key: newKey(), messageId, text: 'still hers' })
  await adaAgain.ask('ack', { type: 'delete', room: 'lobby', key: newKey(), messageId })
  const { messages } = await bob.ask('page', { type: 'history', room: 'lobby', around: messageId })
  const deleted = messages.find(({ id }) => id === messageId)
  assert.deepEqual([deleted?.text, typeof deleted?.deletedAt], ['', 'number'])
}

test('a guest edits and deletes their own messages only, from any tab, after a restart too', async (t) => {
  const file = join(await temporaryFolder(t), 'chat.db')
  const before = createSqliteBackend({ file })
  const first = await startServer(t, { backend: before })
  const [, adasToken] = await enterAs(t, first.socketUrl, 'Ada')
  const [, bobsToken] = await enterAs(t, first.socketUrl, 'Bob')
  await assertHers(t, first.socketUrl, first.socketUrl, adasToken, bobsToken)
  await first.close()
  await before.close()

  const after = createSqliteBackend({ file })
  const second = await startServer(t, { backend: after })
  t.after(() => after.close())
  await assertHers(t, second.socketUrl, second.socketUrl, adasToken, bobsToken)
})

test('on Redis a guest is the same one to every process', async (t) => {
  const redis = await startRedis()
  const options = { args: ['--redis', redis.url] }
  const [one, two] = [await startServerProcess(t, options), await startServerProcess(t, options)]
  t.after(() => redis.close())
  const [, adasToken] = await enterAs(t, one.socketUrl, 'Ada')
  const [, bobsToken] = await enterAs(t, two.socketUrl, 'Bob')
  await assertHers(t, one.socketUrl, two.socketUrl, adasToken, bobsToken)
  await assertHers(t, two.socketUrl, one.socketUrl, adasToken, bobsToken)
})

test('what a guest wrote is not for users of the app to change, nor the other way round', async (t) => {
  const { socketUrl } = await startServer(t, { ...SIGNED_IN, guests: true })
  const user = await Peer.connect(t, socketUrl)
  await user.hello({ token: await sign() })
  const [guest] = await enterAs(t, socketUrl, 'Ada')
  for (const [author, other] of [
    [user, guest],
    [guest, user],
  ] as const) {
    const { messageId } = await author.post('lobby', 'mine')
    await other.refusal('forbidden', { type: 'delete', room: 'lobby', key: newKey(), messageId })
  }
})
