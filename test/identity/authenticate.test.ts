import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Authenticate, ServeOptions } from '../../src/index.ts'
import { openSocket, startServer } from '../helpers.ts'
import type { Frame, SocketOptions, TestServer } from '../helpers.ts'
import { sign, SIGNED_IN } from './tokens.ts'

const ADA = { id: 'ada', name: 'Ada', plan: 'gold' }

/** The session of an app: who has Ada's cookie is Ada. */
function byCookie({ headers }: IncomingMessage): typeof ADA | undefined {
  return headers.cookie?.includes('session=ada') ? ADA : undefined
}

interface Attempt {
  readonly answer: Frame
  /** How the connection ended, where it was refused. */
  readonly code: number | undefined
}

/** Says hello to a chat with those options. */
async function greetBy(
  t: TestContext,
  options: Partial<ServeOptions>,
  { headers = { cookie: 'session=ada' }, hello = {} }: SocketOptions & { readonly hello?: Frame } = {},
): Promise<Attempt> {
  const socket = await openSocket(t, await startServer(t, options), { headers })
  const answer = await socket.ask({ type: 'hello', ...hello })
  return { answer, code: answer['code'] === 'unauthorized' ? (await socket.closed).code : undefined }
}

test('the session of the app says who a connection is; its own fields stay on the server', async (t) => {
  for (const authenticate of [byCookie, async (request: IncomingMessage) => byCookie(request)]) {
    const { answer } = await greetBy(
      t,
      { authenticate },
      { headers: { cookie: 'session=ada' }, hello: { name: 'Eve' } },
    )
    assert.deepEqual(answer['user'], { id: 'ada', name: 'Ada' })
    assert.deepEqual([answer['guestToken'], answer['expiresInMs']], [undefined, undefined])
  }
})

test('whom the app does not know is refused in band, so that a page learns why', async (t) => {
  for (const nobody of [null, undefined]) {
    const { answer, code } = await greetBy(t, { authenticate: () => nobody })
    assert.deepEqual([answer['type'], answer['code'], code], ['error', 'unauthorized', 4401])
  }
})

test('with guests beside the session, whom the app does not know is a guest', async (t) => {
  const options = { authenticate: byCookie, guests: true }
  assert.deepEqual((await greetBy(t, options)).answer['user'], { id: 'ada', name: 'Ada' })
  const { answer } = await greetBy(t, options, { headers: {}, hello: { name: 'Eve' } })
  assert.match((answer['user'] as { id: string }).id, /^g_/)
})

test('an authenticate that throws refuses, and is reported; its message stays on the server', async (t) => {
  const broken: readonly Authenticate[] = [
    () => {
      throw new Error('password of the database')
    },
    () => Promise.reject(new Error('password of the database')),
  ]
  for (const authenticate of broken) {
    const faults: string[] = []
    const onError: ServeOptions['onError'] = (error, { stage }) => faults.push(`${stage}: ${String(error)}`)
    const { answer, code } = await greetBy(t, { authenticate, onError, guests: true })
    assert.deepEqual([answer['code'], code], ['unauthorized', 4401])
    assert.doesNotMatch(JSON.stringify(answer), /password/)
    assert.deepEqual(faults, ['asking authenticate: Error: password of the database'])
  }
})

test('an authenticate that hangs is waited for so long, and then the client is told when to try again', async (t) => {
  const faults: string[] = []
  const { answer } = await greetBy(t, {
    authenticate: () => new Promise(() => {}),
    authenticateTimeoutMs: 20,
    onError: (error, { stage }) => faults.push(`${stage}: ${String(error)}`),
  })
  assert.deepEqual([answer['code'], answer['retryAfterMs']], ['unavailable', 5_000])
  assert.deepEqual(faults, ['asking authenticate: LateError: authenticate did not answer within 20 ms'])
})

test('a user that will not do is refused, and the app told which field', async (t) => {
  const users: ReadonlyArray<readonly [unknown, RegExp]> = [
    [{ id: 7, name: 'Ada' }, /"id" must be a string/],
    [{ id: '', name: 'Ada' }, /"id" must be a string/],
    [{ id: 'x'.repeat(129), name: 'Ada' }, /"id" must be a string/],
    [{ id: 'a\nb', name: 'Ada' }, /"id" must be a string/],
    [{ id: `g_${'x'.repeat(14)}`, name: 'Ada' }, /"id" has the form of a guest's/],
    [{ id: 'app:Shipping', name: 'Ada' }, /"id" begins with "app:"/],
    [{ id: 'ada' }, /"name" must be a string/],
  ]
  for (const [user, message] of users) {
    const faults: unknown[] = []
    const { answer, code } = await greetBy(t, {
      authenticate: () => user as typeof ADA,
      onError: (error) => faults.push(error),
    })
    assert.deepEqual([answer['code'], code], ['unauthorized', 4401])
    assert.match(String(faults), message)
  }
})

test('a cookie does not authenticate a page of another site, though its origin is allowed; a token does', async (t) => {
  const options = { ...SIGNED_IN, authenticate: byCookie, origins: ['https://app.example'] }
  const foreign = { cookie: 'session=ada', origin: 'https://app.example' }
  const { answer, code } = await greetBy(t, options, { headers: foreign })
  assert.deepEqual([answer['code'], code], ['unauthorized', 4401])
  assert.match(String(answer['message']), /a page of another site needs a token/)
  const token = await sign({ sub: 'bob', name: 'Bob' })
  const signed = await greetBy(t, options, { headers: foreign, hello: { token } })
  assert.deepEqual(signed.answer['user'], { id: 'bob', name: 'Bob' })
  // Where every origin is allowed it is no different, and a page that hides its own is not ours either.
  for (const origin of ['https://evil.example', 'null']) {
    const open = await greetBy(t, { ...options, origins: ['*'] }, { headers: { ...foreign, origin } })
    assert.equal(open.answer['code'], 'unauthorized')
  }
  const asGuest = await greetBy(t, { ...options, guests: true }, { headers: foreign })
  assert.match((asGuest.answer['user'] as { id: string }).id, /^g_/)
})

test('the chat’s own page is let in by its cookie, and a token goes before it', async (t) => {
  const options = { ...SIGNED_IN, authenticate: byCookie }
  const own = { cookie: 'session=ada', host: 'chat.example', origin: 'http://chat.example' }
  assert.deepEqual((await greetBy(t, options, { headers: own })).answer['user'], { id: 'ada', name: 'Ada' })
  const token = await sign({ sub: 'bob', name: 'Bob' })
  assert.deepEqual((await greetBy(t, options, { headers: own, hello: { token } })).answer['user'], {
    id: 'bob',
    name: 'Bob',
  })
  const bad = await greetBy(t, options, { headers: own, hello: { token: 'bad' } })
  assert.equal(bad.answer['code'], 'unauthorized')
})

// The request of each connection stayed in memory with it: headers, session and whatever the app had put onto it.
test('once hello is answered nothing of an open connection holds the request it came by', async (t) => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  let request: WeakRef<IncomingMessage> | undefined
  const server: TestServer = await startServer(t, {
    authenticate: (incoming) => {
      request = new WeakRef(incoming)
      return ADA
    },
  })
  const socket = await openSocket(t, server)
  await socket.ask({ type: 'hello' })
  await socket.ask({ type: 'join', room: 'tea' })
  // Looking at a weak reference keeps what it refers to until the end of the turn.
  for (let round = 0; round < 100 && request?.deref(); round++) {
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal(request?.deref(), undefined)
  assert.equal((await socket.ask({ type: 'leave', room: 'tea' }))['type'], 'ok')
})
