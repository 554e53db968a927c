import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ChatError } from '../../src/protocol/errors.ts'
import { startServer } from '../helpers.ts'
import { brokenBackend } from '../helpers/broken-backend.ts'
import { sign, SIGNED_IN } from '../identity/tokens.ts'
import { ask, assertRefused } from './client.ts'
import type { Answer, Page, Stored } from './client.ts'

const ROOM = '/api/rooms/tea/messages'

const away = (): Promise<never> => Promise.reject(new ChatError('unavailable', 'away', { retryAfterMs: 2_000 }))

/** The header of a request that is that user's. */
async function as(sub: string): Promise<Readonly<Record<string, string>>> {
  return { Authorization: `Bearer ${await sign({ sub })}` }
}

/** Sends a body as it is. */
async function send(
  url: string,
  type: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream,
): Promise<Answer<unknown>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: type === '' ? {} : { 'Content-Type': type },
    body,
    ...(body instanceof ReadableStream && { duplex: 'half' as const }),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

suite('a request is refused', { concurrency: true }, () => {
  test('for a body that cannot be read', async (t) => {
    const url = (await startServer(t)).url + ROOM
    for (const body of ['', '{', '[]', 'null', '"x"'])
      await assertRefused([400, 'bad_json'], send(url, 'application/json', body))
    await assertRefused([400, 'bad_text'], send(url, 'text/plain', Uint8Array.of(0xff, 0xfe)))
    for (const type of ['application/xml', 'multipart/form-data; boundary=x', 'text/plain; charset=iso-8859-1'])
      await assertRefused([415, 'unsupported_media_type'], send(url, type, 'x'))
  })

  test('for a body of more than a frame may hold, though its length be not told', async (t) => {
    const url = (await startServer(t)).url + ROOM
    const body = new Uint8Array(65_537).fill(0x78)
    await assertRefused([413, 'too_large'], send(url, 'text/plain', body))
    await assertRefused([413, 'too_large'], send(url, 'text/plain', new Blob([body]).stream()))
  })

  test('for what the message would be', async (t) => {
    const url = (await startServer(t)).url + ROOM
    await assertRefused([422, 'text_blank'], ask(url, 'POST', { text: ' \n' }))
    await assertRefused([422, 'text_too_long'], ask(url, 'POST', { text: 'x'.repeat(4_001) }))
    await assertRefused([400, 'bad_text'], ask(url, 'POST', { text: 'half \ud83d' }))
    const { body } = await assertRefused([400, 'bad_command'], ask(url, 'POST', { text: 'x', key: 'short' }))
    assert.match(body.error.message, /^"key": must be 8 to 64/)
    await assertRefused([400, 'bad_command'], ask(url, 'POST', {}))
    await assertRefused([400, 'bad_command'], ask(url, 'POST', { text: 'x', name: 7 }))
    await assertRefused([400, 'bad_command'], ask(url, 'POST', { text: 'x', name: 'n'.repeat(41) }))
  })

  test('for an address or a method that there is not', async (t) => {
    const { url } = await startServer(t, { rooms: ['tea'] })
    await assertRefused([404, 'not_found'], ask(`${url}/api/nothing`))
    await assertRefused([404, 'not_found'], ask(`${url}/api`))
    await assertRefused([404, 'room_not_found'], ask(`${url}/api/rooms/coffee/messages`))
    await assertRefused([404, 'room_not_found'], ask(`${url}/api/rooms/coffee/events`))
    await assertRefused([400, 'bad_command'], ask(`${url}/api/rooms/a%20b/messages`))
    const { headers } = await assertRefused([405, 'method_not_allowed'], ask(url + ROOM, 'DELETE'))
    assert.equal(headers.get('Allow'), 'GET, HEAD, POST')
  })

  test('without a token where the chat is for users of an app', async (t) => {
    const { url } = await startServer(t, SIGNED_IN)
    for (const path of [ROOM, `${ROOM}/x`, '/api/rooms/tea/events'])
      await assertRefused([401, 'unauthorized'], ask(url + path))
    await assertRefused([401, 'unauthorized'], ask(url + ROOM, 'POST', { text: 'x' }))
    const bot = { Authorization: `Bearer ${await sign({ sub: 'deploys', name: 'Deploys', role: 'bot' })}` }
    assert.equal((await ask(url + ROOM, 'POST', { text: 'v42 is out' }, bot)).status, 201)
    const [message] = (await ask<Page>(url + ROOM, 'GET', undefined, bot)).body.messages
    assert.deepEqual(message?.author, { id: 'deploys', name: 'Deploys' })
  })

  test('for a bearer token that is none, also where a session goes with it; other schemes are not for the chat', async (t) => {
    const { url } = await startServer(t, {
      ...SIGNED_IN,
      guests: true,
      authenticate: () => ({ id: 'ada', name: 'Ada' }),
    })
    for (const Authorization of ['Bearer', 'bearer', 'Bearer a b', 'Bearer\ta.b.c', 'Bearer abc', 'BEARER , x'])
      await assertRefused([401, 'unauthorized'], ask(url + ROOM, 'POST', { text: 'x' }, { Authorization }))
    for (const Authorization of ['Basic YWRhOng=', 'Bearers x']) {
      await ask(url + ROOM, 'POST', { text: 'x' }, { Authorization })
      assert.equal((await ask<Page>(url + ROOM)).body.messages.at(-1)?.author.id, 'ada')
    }
    assert.equal((await ask<Page>(url + ROOM)).body.messages.length, 2)
  })

  test('where the app does not allow it; a room that may not be read is one that is not there', async (t) => {
    const { url } = await startServer(t, {
      ...SIGNED_IN,
      authorize: (user, action, room) => room === 'tea' && (action === 'read' || user.id === 'ada'),
    })
    const [ada, bob] = [await as('ada'), await as('bob')]
    const { body } = await ask<Stored>(url + ROOM, 'POST', { text: 'x' }, ada)
    await assertRefused([403, 'forbidden'], ask(url + ROOM, 'POST', { text: 'x' }, bob))
    assert.equal((await ask(url + ROOM, 'GET', undefined, bob)).status, 200)
    for (const path of ['messages', `messages/${body.messageId}`, 'events'])
      await assertRefused([404, 'room_not_found'], ask(`${url}/api/rooms/hidden/${path}`, 'GET', undefined, ada))
  })

  test('when there are too many, with the time to wait', async (t) => {
    const { url } = await startServer(t, { writeRate: { burst: 2, perMs: 60_000 } })
    for (let n = 0; n < 2; n++) assert.equal((await ask(url + ROOM, 'POST', { text: 'x' })).status, 201)
    // However many guests they say they are.
    const { headers, body } = await assertRefused([429, 'rate_limited'], ask(url + ROOM, 'POST', { text: 'x' }))
    assert.ok(Number(headers.get('Retry-After')) >= 1 && Number(headers.get('Retry-After')) <= 30)
    assert.ok((body.error.retryAfterMs ?? 0) > 0)
    assert.equal((await ask(url + ROOM)).status, 200)
  })

  test('each user has a rate of their own', async (t) => {
    const { url } = await startServer(t, { ...SIGNED_IN, writeRate: { burst: 1, perMs: 60_000 } })
    assert.equal((await ask(url + ROOM, 'POST', { text: 'x' }, await as('ada'))).status, 201)
    assert.equal((await ask(url + ROOM, 'POST', { text: 'x' }, await as('bob'))).status, 201)
    await assertRefused([429, 'rate_limited'], ask(url + ROOM, 'POST', { text: 'x' }, await as('ada')))
  })

  test('before the app is asked, where too many from there were nobody', async (t) => {
    let asked = 0
    const { url } = await startServer(t, {
      authenticate: ({ headers: { cookie } }) => {
        asked++
        return cookie === undefined ? null : { id: cookie, name: cookie }
      },
      commandRate: { burst: 2, perMs: 600_000 },
    })
    // Whom the app knows uses up their own rate, and leaves the address its.
    for (const cookie of ['ada', 'bob', 'eve'])
      assert.equal((await ask(url + ROOM, 'GET', undefined, { cookie })).status, 200)
    for (let n = 0; n < 2; n++) await assertRefused([401, 'unauthorized'], ask(url + ROOM))
    await assertRefused([429, 'rate_limited'], ask(url + ROOM, 'GET', undefined, { cookie: 'ada' }))
    assert.equal(asked, 5)
  })

  test('while the app is asked who makes as many as there may be at once from there', async (t) => {
    const gate = Promise.withResolvers<null>()
    const asked = Promise.withResolvers<void>()
    let questions = 0
    const { url } = await startServer(t, {
      authenticate: () => {
        if (++questions === 2) asked.resolve()
        return gate.promise
      },
      commandRate: { burst: 2, perMs: 600_000 },
    })
    const waiting = [ask(url + ROOM), ask(url + ROOM)]
    await asked.promise
    await assertRefused([429, 'rate_limited'], ask(url + ROOM))
    gate.resolve(null)
    for (const request of waiting) await assertRefused([401, 'unauthorized'], request)
    assert.equal(questions, 2)
  })

  test('while the log cannot be reached, to be sent again', async (t) => {
    const faults: unknown[] = []
    const { url } = await startServer(t, {
      backend: brokenBackend(() => ({ append: away, readPage: away, subscribe: away })),
      onError: (error) => faults.push(error),
    })
    for (const asking of [
      ask(url + ROOM, 'POST', { text: 'x' }),
      ask(url + ROOM),
      ask(`${url}/api/rooms/tea/events`),
    ]) {
      const { headers } = await assertRefused([503, 'unavailable'], asking)
      assert.equal(headers.get('Retry-After'), '2')
    }
    assert.match(String(faults[0]), /away/)
  })

  test('when the server is at fault, which it reports and does not tell', async (t) => {
    const faults: unknown[] = []
    const { url } = await startServer(t, {
      backend: brokenBackend(() => ({ readPage: () => Promise.reject(new Error('password of the database')) })),
      onError: (error) => faults.push(error),
    })
    const { body } = await assertRefused([500, 'internal'], ask(url + ROOM))
    assert.doesNotMatch(JSON.stringify(body), /password/)
    assert.match(String(faults), /password/)
  })
})
