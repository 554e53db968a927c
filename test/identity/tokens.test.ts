import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { exportJWK, exportSPKI, generateKeyPair } from 'jose'
import type { JWK } from 'jose'
import { createChat, createMemoryBackend } from '../../src/index.ts'
import type { TokenOptions } from '../../src/index.ts'
import { observing, openSocket, startServer } from '../helpers.ts'
import type { Frame } from '../helpers.ts'
import { AUDIENCE, bytesOf, inSeconds, SECRET, sign, SIGNED_IN } from './tokens.ts'

/** What a hello with `token` is answered with, and what the connection ends with where that is a refusal. */
async function greetWith(t: TestContext, server: { socketUrl: string }, token: string | undefined): Promise<Frame> {
  const socket = await openSocket(t, server)
  const answer = await socket.ask({ type: 'hello', ...(token !== undefined && { token }) })
  if (answer['code'] === 'unauthorized') assert.deepEqual(await socket.closed, { code: 4401, reason: 'unauthorized' })
  return answer
}

test('a token says who its bearer is, and nothing of it beyond id, name and picture is told', async (t) => {
  const server = await startServer(t, SIGNED_IN)
  const token = await sign({ picture: 'https://app.example/ada.png', role: 'moderator', plan: 'gold' })
  const welcome = await greetWith(t, server, token)
  assert.deepEqual(welcome['user'], { id: 'ada', name: 'Ada', avatarUrl: 'https://app.example/ada.png' })
  assert.equal(welcome['guestToken'], undefined)
})

test('a token without a name gives its id for one; a picture that is no address is left out', async (t) => {
  const server = await startServer(t, SIGNED_IN)
  for (const picture of ['javascript:alert(1)', '//evil.example/x.png', 'data:image/png;base64,'])
    assert.deepEqual((await greetWith(t, server, await sign({ name: undefined, picture })))['user'], {
      id: 'ada',
      name: 'ada',
    })
})

test('a token that does not count is refused, with the reason for the client and the operator', async (t) => {
  const told: (string | undefined)[] = []
  const observer = observing({ onRefuse: (_peer, code, message) => told.push(`${code}: ${message}`) })
  const server = await startServer(t, {
    tokens: { secret: SECRET, audience: AUDIENCE, issuer: 'app.example' },
    observer,
  })
  const issued = { iss: 'app.example' }
  const unsigned = [{ alg: 'none' }, { ...issued, sub: 'ada', aud: AUDIENCE, exp: inSeconds(60) }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const { privateKey } = await generateKeyPair('RS256')
  const good = await sign(issued)
  const refused: ReadonlyArray<readonly [token: string, reason: RegExp]> = [
    [await sign({ ...issued, exp: inSeconds(-60) }), /it has expired/],
    [await sign({ ...issued, aud: 'other.example' }), /another audience/],
    [await sign({ ...issued, aud: undefined }), /no "aud"/],
    [await sign({ ...issued, exp: undefined }), /no "exp"/],
    [await sign({ ...issued, exp: 1e300 }), /"exp" must be a time/],
    [await sign({ ...issued, sub: undefined }), /no "sub"/],
    [await sign({ ...issued, sub: '' }), /"sub" must be a string/],
    [await sign({ ...issued, name: 5 }), /"name" must be a string/],
    [await sign({ ...issued, role: ['admin'] }), /"role" must be a string/],
    [await sign({ iss: 'other.example' }), /another issuer/],
    [await sign({}), /no "iss"/],
    [await sign({ ...issued, nbf: inSeconds(60) }), /does not count yet/],
    [`${unsigned}.`, /not signed/],
    [await sign(issued, { key: bytesOf('another secret, which is long enough too') }), /another key/],
    [`${good.slice(0, -4)}AAAA`, /another key/],
    [await sign(issued, { header: { alg: 'HS384' }, key: bytesOf(SECRET.repeat(2)) }), /another algorithm/],
    [await sign(issued, { header: { alg: 'RS256' }, key: privateKey }), /another algorithm/],
    ['', /no JWT/],
    ['a.b.c', /no JWT/],
    ['a secret word', /no JWT/],
    [good.split('.').slice(0, 2).join('.'), /no JWT/],
  ]
  for (const [token, reason] of refused) {
    const { code, message } = await greetWith(t, server, token)
    assert.equal(code, 'unauthorized')
    assert.match(String(message), reason)
    assert.equal(told.pop(), `unauthorized: ${String(message)}`)
    if (token.length > 10) assert.ok(!String(message).includes(token))
  }
  assert.equal((await greetWith(t, server, good))['type'], 'welcome')
})

test('a token that is too long is refused before anything is made of it', async (t) => {
  const server = await startServer(t, SIGNED_IN)
  const { code, message } = await greetWith(t, server, await sign({ filler: 'x'.repeat(8_192) }))
  assert.equal(code, 'bad_command')
  assert.match(String(message), /"token"/)
})

test('a chat for users of an app takes nobody without a token, and no plain dialect', async (t) => {
  const server = await startServer(t, SIGNED_IN)
  const { code, message } = await greetWith(t, server, undefined)
  assert.equal(code, 'unauthorized')
  assert.match(String(message), /sign in there, or say hello with a token/)
  const plain = await openSocket(t, server, { subprotocol: undefined })
  assert.equal((await plain.closed).code, 4403)
})

test('a chat of guests alone takes no tokens, and lets nobody in who shows one as somebody else', async (t) => {
  const server = await startServer(t)
  assert.equal((await greetWith(t, server, await sign()))['code'], 'unauthorized')
})

test('with guests beside tokens, who has no token is a guest, and who has a bad one is refused', async (t) => {
  const server = await startServer(t, { ...SIGNED_IN, guests: true })
  const { user, guestToken } = await greetWith(t, server, undefined)
  assert.match((user as { id: string }).id, /^g_/)
  assert.deepEqual((await greetWith(t, server, String(guestToken)))['user'], user)
  assert.deepEqual((await greetWith(t, server, await sign()))['user'], { id: 'ada', name: 'Ada' })
  assert.equal((await greetWith(t, server, await sign({ aud: 'other.example' })))['code'], 'unauthorized')
  // Who signs for the app is not the chat, and cannot make guests of its own.
  assert.equal((await greetWith(t, server, await sign({ aud: 'natter:guest' })))['code'], 'unauthorized')
})

for (const alg of ['EdDSA', 'ES256', 'RS256'] as const) {
  test(`tokens by ${alg} are checked with the public key, as PEM or as JWK, and with it alone`, async (t) => {
    const [ours, others] = [await generateKeyPair(alg, { extractable: true }), await generateKeyPair(alg)]
    const header = { alg }
    for (const publicKey of [await exportSPKI(ours.publicKey), await exportJWK(ours.publicKey)]) {
      const server = await startServer(t, { tokens: { publicKey, audience: AUDIENCE } })
      const welcome = await greetWith(t, server, await sign({}, { header, key: ours.privateKey }))
      assert.deepEqual(welcome['user'], { id: 'ada', name: 'Ada' })
      const forged = await greetWith(t, server, await sign({}, { header, key: others.privateKey }))
      assert.match(String(forged['message']), /another key/)
      // The classic: the public key, which everybody has, taken for the secret of HS256.
      const pem = bytesOf(await exportSPKI(ours.publicKey))
      assert.match(String((await greetWith(t, server, await sign({}, { key: pem })))['message']), /another algorithm/)
    }
  })
}

/** A set of keys on a server of its own, which counts how often it is asked for. */
async function publish(t: TestContext): Promise<{ url: string; keys: JWK[]; asked: number; isBroken: boolean }> {
  const published = { url: '', keys: [] as JWK[], asked: 0, isBroken: false }
  const server = createServer((_request, response) => {
    published.asked++
    response.writeHead(published.isBroken ? 503 : 200).end(JSON.stringify({ keys: published.keys }))
  })
  await once(server.listen(0, 'localhost'), 'listening')
  t.after(() => server.close())
  published.url = `http://localhost:${(server.address() as AddressInfo).port}/keys`
  return published
}

test('a set of keys is fetched when the first token comes, and again when a token names a new key', async (t) => {
  const [first, second] = [await generateKeyPair('ES256'), await generateKeyPair('ES256')]
  const published = await publish(t)
  published.keys = [{ ...(await exportJWK(first.publicKey)), kid: 'one' }]
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
  const server = await startServer(t, {
    tokens: { jwks: published.url, algorithms: ['ES256'], audience: AUDIENCE },
  })
  const byFirst = { header: { alg: 'ES256', kid: 'one' }, key: first.privateKey }
  const bySecond = { header: { alg: 'ES256', kid: 'two' }, key: second.privateKey }
  assert.equal(published.asked, 0)
  for (let hello = 0; hello < 3; hello++)
    assert.equal((await greetWith(t, server, await sign({}, byFirst)))['type'], 'welcome')
  assert.equal(published.asked, 1)

  published.keys = [{ ...(await exportJWK(second.publicKey)), kid: 'two' }]
  // Whoever makes up names of keys does not make the server ask each time.
  assert.match(String((await greetWith(t, server, await sign({}, bySecond)))['message']), /another key/)
  assert.equal(published.asked, 1)
  t.mock.timers.tick(11_000)
  assert.equal((await greetWith(t, server, await sign({}, bySecond)))['type'], 'welcome')
  assert.match(String((await greetWith(t, server, await sign({}, byFirst)))['message']), /another key/)
})

function signBy(key: CryptoKey): Promise<string> {
  return sign({}, { header: { alg: 'EdDSA' }, key })
}

test('a token that names no key is by any in the set', async (t) => {
  const [first, second, other] = [
    await generateKeyPair('EdDSA'),
    await generateKeyPair('EdDSA'),
    await generateKeyPair('EdDSA'),
  ]
  const published = await publish(t)
  published.keys = [await exportJWK(first.publicKey), await exportJWK(second.publicKey)]
  const server = await startServer(t, { tokens: { jwks: published.url, algorithms: ['EdDSA'], audience: AUDIENCE } })
  assert.equal((await greetWith(t, server, await signBy(second.privateKey)))['type'], 'welcome')
  assert.match(String((await greetWith(t, server, await signBy(other.privateKey)))['message']), /another key/)
})

test('where the set of keys cannot be had nobody is refused for good: the client is told when to try again, the operator why', async (t) => {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const published = await publish(t)
  published.keys = [await exportJWK(publicKey)]
  published.isBroken = true
  const faults: string[] = []
  const server = await startServer(t, {
    tokens: { jwks: published.url, algorithms: ['ES256'], audience: AUDIENCE },
    onError: (error, { stage }) => faults.push(`${stage}: ${String(error)}`),
  })
  const token = await sign({}, { header: { alg: 'ES256' }, key: privateKey })
  const { code, retryAfterMs } = await greetWith(t, server, token)
  assert.deepEqual([code, retryAfterMs], ['unavailable', 5_000])
  assert.equal(faults.length, 1)
  assert.match(faults[0]!, /^fetching the keys of tokens: .*200 OK/)
  published.isBroken = false
  assert.equal((await greetWith(t, server, token))['type'], 'welcome')
})

test('the app may make users of its own from tokens, look them up, and refuse them', async (t) => {
  const faults: string[] = []
  const server = await startServer(t, {
    tokens: {
      ...SIGNED_IN.tokens,
      toUser: async ({ sub, plan }) => {
        if (sub === 'gone') return undefined
        if (sub === 'broken') throw new Error('no database')
        return { id: `user:${sub}`, name: String(plan), plan }
      },
    },
    onError: (error, { stage }) => faults.push(`${stage}: ${String(error)}`),
  })
  const welcome = await greetWith(t, server, await sign({ plan: 'gold' }))
  assert.deepEqual(welcome['user'], { id: 'user:ada', name: 'gold' })
  assert.match(
    String((await greetWith(t, server, await sign({ sub: 'gone' })))['message']),
    /does not let this user in/,
  )
  const { message } = await greetWith(t, server, await sign({ sub: 'broken' }))
  assert.equal(message, 'the app could not say who you are')
  assert.deepEqual(faults, ['asking tokens.toUser: Error: no database'])
})

async function newPublicKey(alg: string): Promise<string> {
  return exportSPKI((await generateKeyPair(alg, { extractable: true })).publicKey)
}

test('what tokens are checked with has to be whole, and strong, before anything starts', async () => {
  const backend = createMemoryBackend()
  const start = (tokens: Partial<TokenOptions>): unknown =>
    createChat({ backend, tokens: { audience: AUDIENCE, ...tokens } })
  const weak = 'shorter than 32 bytes'
  const jwk = await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey)
  const mistakes: ReadonlyArray<readonly [Partial<TokenOptions>, RegExp]> = [
    [{}, /^TypeError: tokens: set one of secret, publicKey and jwks/],
    [{ secret: undefined }, /^TypeError: tokens: set one of/],
    [{ secret: '' }, /^TypeError: tokens: set one of/],
    [{ secret: SECRET, jwks: 'https://app.example/keys' }, /^TypeError: tokens: set one of/],
    [{ secret: weak }, /^RangeError: tokens\.secret: must be 32 bytes or more, and has 21; "openssl rand/],
    [{ secret: await newPublicKey('EdDSA') }, /^TypeError: tokens\.secret: this is a key .* given as publicKey/],
    [{ secret: JSON.stringify(jwk, null, 2) }, /^TypeError: tokens\.secret: this is a key .* given as publicKey/],
    [{ secret: JSON.stringify({ keys: [jwk] }) }, /^TypeError: tokens\.secret: this is a key .* given as publicKey/],
    [{ secret: SECRET, audience: '' }, /^TypeError: tokens\.audience: /],
    [{ secret: SECRET, issuer: '' }, /^TypeError: tokens\.issuer: /],
    [{ secret: SECRET, algorithms: ['RS256'] }, /^TypeError: tokens\.algorithms: this key is for HS256, not "RS256"/],
    [{ publicKey: 'no key' }, /^TypeError: tokens\.publicKey: must be a public key as PEM/],
    [{ publicKey: await newPublicKey('ES384') }, /^TypeError: tokens\.publicKey: must be an Ed25519 key/],
    [
      { publicKey: await newPublicKey('ES256'), algorithms: ['RS256'] },
      /^TypeError: tokens\.algorithms: this key is for ES256/,
    ],
    [{ publicKey: '-----BEGIN PRIVATE KEY-----' }, /^TypeError: tokens\.publicKey: this is a private key/],
    [{ jwks: 'https://app.example/keys' }, /^TypeError: tokens\.algorithms: say which/],
    [
      { jwks: 'https://app.example/keys', algorithms: ['HS256'] },
      /^TypeError: tokens\.algorithms: this key is for EdDSA/,
    ],
    [{ jwks: 'http://app.example/keys', algorithms: ['ES256'] }, /^TypeError: tokens\.jwks: must be the https address/],
    [{ jwks: 'keys.json', algorithms: ['ES256'] }, /^TypeError: tokens\.jwks: must be the https address/],
  ]
  for (const [tokens, message] of mistakes) {
    assert.throws(
      () => start(tokens),
      (error: Error) => {
        assert.match(String(error), message)
        assert.ok(!error.message.includes(weak) && !error.message.includes(SECRET))
        return true
      },
    )
  }
  assert.throws(() => createChat({ backend, guests: false }), /^TypeError: guests: nobody could enter/)
})

// Whether it compiles is the test: users that a chat cannot make of a token or a guest are not to be had without `toUser`, or as guests.
test('an app whose users have more fields says how tokens give them, and takes no guests', async (t) => {
  interface Customer {
    readonly id: string
    readonly name: string
    readonly plan: string
  }
  const backend = createMemoryBackend()
  const chats = [
    createChat<Customer>({
      backend,
      tokens: { ...SIGNED_IN.tokens, toUser: ({ sub, plan }) => ({ id: sub, name: sub, plan: String(plan) }) },
      authorize: ({ plan }) => plan === 'gold',
    }),
    createChat({
      backend,
      ...SIGNED_IN,
      guests: true,
      authorize: ({ role }, action) => action === 'read' || role !== 'guest',
    }),
    // @ts-expect-error: a token says nothing of a plan
    createChat<Customer>({ backend, ...SIGNED_IN }),
    // @ts-expect-error: a guest has no plan
    createChat<Customer>({ backend, authenticate: () => ({ id: 'u1', name: 'Ada', plan: 'gold' }), guests: true }),
  ]
  t.after(() => Promise.all(chats.map((chat) => chat.close())))
})
