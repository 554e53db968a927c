import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '../helpers.ts'
import { sign, SIGNED_IN } from '../identity/tokens.ts'
import { ask, assertRefused } from './client.ts'

const ROOM = '/api/rooms/tea/messages'
const ORIGIN = 'https://app.example'

/** What a browser asks before it lets a page of `origin` send a request that is not a simple one. */
function askBefore(url: string, origin: string): Promise<Response> {
  const headers = {
    Origin: origin,
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key',
  }
  return fetch(url, { method: 'OPTIONS', headers })
}

test('a page of an allowed origin may send a token, and read what is answered', async (t) => {
  const { url } = await startServer(t, { ...SIGNED_IN, origins: [ORIGIN] })
  const before = await askBefore(url + ROOM, ORIGIN)
  assert.equal(before.status, 204)
  assert.equal(before.headers.get('Access-Control-Allow-Origin'), ORIGIN)
  for (const name of ['Authorization', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID'])
    assert.ok(before.headers.get('Access-Control-Allow-Headers')?.includes(name), name)
  const as = { Origin: ORIGIN, Authorization: `Bearer ${await sign()}` }
  const { status, headers } = await ask(url + ROOM, 'POST', { text: 'hi' }, as)
  assert.equal(status, 201)
  assert.equal(headers.get('Access-Control-Allow-Origin'), ORIGIN)
  assert.match(headers.get('Access-Control-Expose-Headers') ?? '', /Location/)
  // A refusal can be read too, or the page would learn nothing of it.
  const { headers: refused } = await assertRefused(
    [401, 'unauthorized'],
    ask(url + ROOM, 'GET', undefined, { Origin: ORIGIN }),
  )
  assert.equal(refused.get('Access-Control-Allow-Origin'), ORIGIN)
})

test('cookies of another site are never asked for, and do not count', async (t) => {
  const { url } = await startServer(t, {
    authenticate: ({ headers }) => (headers.cookie === 'session=ada' ? { id: 'ada', name: 'Ada' } : null),
    origins: [ORIGIN],
  })
  const cookie = { Cookie: 'session=ada' }
  assert.equal((await ask(url + ROOM, 'POST', { text: 'hi' }, cookie)).status, 201)
  assert.equal((await ask(url + ROOM, 'POST', { text: 'hi' }, { ...cookie, Origin: new URL(url).origin })).status, 201)
  for (const method of ['GET', 'POST'] as const) {
    const body = method === 'POST' ? { text: 'hi' } : undefined
    await assertRefused([401, 'unauthorized'], ask(url + ROOM, method, body, { ...cookie, Origin: ORIGIN }))
  }
  const before = await askBefore(url + ROOM, ORIGIN)
  assert.equal(before.headers.get('Access-Control-Allow-Credentials'), null)
})

test('a page of any other origin may neither post nor read', async (t) => {
  const { url } = await startServer(t)
  const foreign = { Origin: 'https://evil.example' }
  await assertRefused([403, 'forbidden'], ask(url + ROOM, 'POST', { text: 'hi' }, foreign))
  const before = await askBefore(url + ROOM, foreign.Origin)
  assert.deepEqual([before.status, before.headers.get('Access-Control-Allow-Origin')], [403, null])
  const { headers } = await ask(url + ROOM, 'GET', undefined, foreign)
  assert.equal(headers.get('Access-Control-Allow-Origin'), null)
})
