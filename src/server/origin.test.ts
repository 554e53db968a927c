import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOriginPolicy } from './origin.ts'

interface Request {
  readonly origin?: string
  readonly host?: string
  readonly proto?: string
  readonly forwardedHost?: string
}

function allows(
  request: Request,
  { origins = [], hops = 0 }: { origins?: readonly string[]; hops?: number } = {},
): boolean {
  const headers = Object.fromEntries(
    Object.entries({
      origin: request.origin,
      host: request.host ?? 'chat.example',
      'x-forwarded-proto': request.proto,
      'x-forwarded-host': request.forwardedHost,
    }).filter(([, value]) => value !== undefined),
  )
  return createOriginPolicy(origins, hops).allows({ headers, socket: {} })
}

test('a page of the same host and port is allowed, one of any other is not', () => {
  assert.equal(allows({ origin: 'http://chat.example' }), true)
  assert.equal(allows({ origin: 'http://CHAT.example', host: 'chat.example' }), false, 'browsers send it in lower case')
  assert.equal(allows({ origin: 'http://localhost:5000', host: 'localhost:5000' }), true)
  assert.equal(allows({ origin: 'http://localhost:5001', host: 'localhost:5000' }), false)
  assert.equal(allows({ origin: 'http://evil.example' }), false)
  assert.equal(allows({ origin: 'http://chat.example.evil.example' }), false)
  assert.equal(allows({ origin: 'http://sub.chat.example' }), false)
})

test('a default port is the same port whether it is written or not', () => {
  assert.equal(allows({ origin: 'http://chat.example', host: 'chat.example:80' }), true)
  assert.equal(allows({ origin: 'https://chat.example', host: 'chat.example:443' }), true)
  assert.equal(allows({ origin: 'https://chat.example', host: 'chat.example:80' }), false)
})

test('an opaque or malformed origin is not allowed', () => {
  for (const origin of ['null', '', 'chat.example', 'file://', 'http://chat.example/', 'http://a@chat.example']) {
    assert.equal(allows({ origin }), false, origin)
  }
})

test('a program without an origin is allowed', () => {
  assert.equal(allows({}), true)
})

test('an http page may not use the server that its visitors reach by https', () => {
  assert.equal(allows({ origin: 'https://chat.example', proto: 'https' }, { hops: 1 }), true)
  assert.equal(allows({ origin: 'http://chat.example', proto: 'https' }, { hops: 1 }), false)
})

test('the host that the client asked for is believed only from a trusted proxy', () => {
  const request = {
    origin: 'https://chat.example',
    host: 'internal:5000',
    forwardedHost: 'chat.example',
    proto: 'https',
  }
  assert.equal(allows(request), false)
  assert.equal(allows(request, { hops: 1 }), true)
})

test('listed origins are allowed exactly as listed', () => {
  const origins = ['https://app.example', 'https://other.example:8443']
  assert.equal(allows({ origin: 'https://app.example' }, { origins }), true)
  assert.equal(allows({ origin: 'https://other.example:8443' }, { origins }), true)
  assert.equal(allows({ origin: 'http://app.example' }, { origins }), false)
  assert.equal(allows({ origin: 'https://other.example' }, { origins }), false)
  assert.equal(allows({ origin: 'https://evil.example' }, { origins: ['*'] }), true)
})

test('an entry that is no origin is refused by its name', () => {
  for (const entry of ['app.example', 'https://app.example/chat', 'ftp://app.example', 'https://*.example/', '']) {
    assert.throws(
      () => createOriginPolicy([entry], 0),
      (error) => error instanceof TypeError && error.message.startsWith(`origins: "${entry}" `),
    )
  }
})

test('a page of another origin is never our own, though it be allowed; a program is', () => {
  const policy = createOriginPolicy(['*', 'https://app.example'], 0)
  const requests: ReadonlyArray<readonly [headers: Readonly<Record<string, string>>, isOurs: boolean]> = [
    [{}, true],
    [{ origin: 'http://chat.example' }, true],
    [{ origin: 'https://app.example' }, false],
    [{ origin: 'null' }, false],
    // Browsers leave the origin out where a request only reads, as an image does.
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': 'same-site' }, false],
  ]
  for (const [headers, isOurs] of requests) {
    const head = { headers: { host: 'chat.example', ...headers }, socket: {} }
    assert.deepEqual([policy.allows(head), policy.isOwn(head)], [true, isOurs], JSON.stringify(headers))
  }
})
