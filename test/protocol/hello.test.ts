import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COMMANDS } from '../../src/protocol/commands.ts'
import type { CommandType } from '../../src/protocol/commands.ts'
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts'
import { SAMPLES } from './samples.ts'
import { enter, Peer } from './peer.ts'
import { findTarget, newRoom } from './target.ts'

test('hello is answered with the user, the heartbeat interval, the limits and the server', async (t) => {
  const peer = await Peer.connect(t, await findTarget(t))
  const { user, guestToken, heartbeatMs, limits, server } = await peer.hello({
    name: 'Ada',
    client: { name: 'suite', version: '1' },
  })
  assert.equal(user.name, 'Ada')
  assert.match(user.id, /^g_/)
  assert.ok(guestToken)
  assert.equal(heartbeatMs, 15_000)
  assert.deepEqual(limits, DEFAULT_LIMITS)
  assert.equal(server.name, 'natter')
  assert.match(server.version, /^\d+\.\d+\.\d+/)
})

test('the subprotocol is agreed on, and no extension is', async (t) => {
  const { ws } = await Peer.connect(t, await findTarget(t))
  assert.equal(ws.protocol, 'natter.v1')
  assert.equal(ws.extensions, '')
})

test('a guest without a name is given one', async (t) => {
  const peer = await Peer.connect(t, await findTarget(t))
  const { user } = await peer.hello({})
  assert.match(user.name, /^Guest ./)
})

test('a name is trimmed and composed, and counted in code points', async (t) => {
  const url = await findTarget(t)
  const names = { '  Ada ': 'Ada', 'Zoe\u0308': 'Zoë', ['🦉'.repeat(40)]: '🦉'.repeat(40) }
  for (const [sent, name] of Object.entries(names)) {
    const peer = await Peer.connect(t, url)
    assert.equal((await peer.hello({ name: sent })).user.name, name)
  }
})

test('a hello that will not do is refused, and the next one may do', async (t) => {
  const peer = await Peer.connect(t, await findTarget(t))
  const bad = [
    { name: ' ' },
    { name: 'x'.repeat(41) },
    { name: 'two\nlines' },
    { name: 'ada\u202Ebob' },
    { name: 1 },
    { name: null },
    { guestToken: 'x'.repeat(8_193) },
    { token: 5 },
    { client: 'suite' },
    { client: { name: 'suite' } },
  ]
  for (const fields of bad) await peer.refusal('bad_command', { type: 'hello', ...fields })
  for (const name of ['\ud800', 'NUL\0']) await peer.refusal('bad_text', { type: 'hello', name })
  assert.equal((await peer.hello()).user.name, 'Ada')
})

test('a guest token makes the same user of its bearer, under another name if one is given', async (t) => {
  const url = await findTarget(t)
  const first = await (await Peer.connect(t, url)).hello({ name: 'Ada' })
  const { guestToken } = first
  const again = await (await Peer.connect(t, url)).hello({ name: 'Countess', guestToken })
  assert.deepEqual(again.user, { id: first.user.id, name: 'Countess' })
  const third = await (await Peer.connect(t, url)).hello({ guestToken: again.guestToken })
  assert.equal(third.user.id, first.user.id)
})

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

test('a guest token that does not verify is ignored, and its bearer a new guest', async (t) => {
  const url = await findTarget(t)
  const { user, guestToken = '' } = await (await Peer.connect(t, url)).hello()
  const [header, , signature] = guestToken.split('.')
  const claims = encode({ sub: user.id, aud: 'natter:guest' })
  const forged = ['', 'garbage', 'a.b.c', `${header}.${claims}.${signature}x`, `${encode({ alg: 'none' })}.${claims}.`]
  for (const token of forged) {
    const stranger = await (await Peer.connect(t, url)).hello({ guestToken: token })
    assert.notEqual(stranger.user.id, user.id, token)
  }
})

test('a second hello is refused and changes nothing', async (t) => {
  const url = await findTarget(t)
  const room = newRoom()
  const peer = await enter(t, url, room, 'Ada')
  await peer.refusal('already_hello', { type: 'hello', name: 'Eve' })
  await peer.post(room, 'hi')
  assert.equal((await peer.next('change')).message.author.name, 'Ada')
})

test('before hello every other command is refused and nothing of it carried out', async (t) => {
  const url = await findTarget(t)
  const room = newRoom()
  const bystander = await enter(t, url, room)
  const peer = await Peer.connect(t, url)
  for (const type of Object.keys(COMMANDS) as CommandType[]) {
    if (type !== 'hello') await peer.refusal('hello_required', { type, ...SAMPLES[type], room })
  }
  const { position } = await bystander.post(room, 'nothing before this')
  assert.equal(position.seq, 1)
  assert.equal(bystander.untaken('typing').length, 0)
})
