import assert from 'node:assert/strict'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { RequestSummary } from '../../src/index.ts'
import { observing, startServer } from '../helpers.ts'
import type { TestServer } from '../helpers.ts'
import { exchange } from './raw.ts'

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** One request as it is given: fetch() would decode the body, follow redirects and add headers of its own. */
async function get(
  server: TestServer,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request({ port: server.port, host: 'localhost', path, method, headers, agent: false }, resolve)
    .on('error', reject)
    .end()
  const response = await promise
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(await response.toArray()) }
}

async function findScript(server: TestServer): Promise<string> {
  const { body } = await get(server, '/')
  const [, path] = /<script type="module" src="([^"]+)">/.exec(body.toString()) ?? []
  assert.ok(path, 'the page loads a script')
  return path
}

test('/ and every room have the page', async (t) => {
  const server = await startServer(t)
  for (const path of ['/', '/?utm=1', '/r/lobby', '/r/tea', '/r/%E8%8C%B6', '/r/a.b_c:d~e-f']) {
    const { status, headers, body } = await get(server, path)
    assert.equal(status, 200, path)
    assert.equal(headers['content-type'], 'text/html; charset=utf-8')
    assert.match(body.toString(), /<natter-chat\b/)
    assert.doesNotMatch(body.toString(), /%BASE%/)
  }
})

test('the page that says so has a style, under the same path', async (t) => {
  const server = await startServer(t, { path: '/chat' })
  const { body } = await get(server, '/chat/nothing')
  const [, path = ''] = /<link rel="stylesheet" href="([^"]+)">/.exec(body.toString()) ?? []
  const { status, headers } = await get(server, path)
  assert.deepEqual([status, headers['content-type']], [200, 'text/css; charset=utf-8'])
})

test('what names no room is not found', async (t) => {
  const server = await startServer(t)
  for (const path of [
    '/r/',
    '/r',
    '/r/a%20b',
    '/r/%00',
    '/r/-a',
    `/r/${'x'.repeat(65)}`,
    '/r/a/b',
    '/r/%ff',
    '/nothing',
    '/assets/',
    '/assets/nothing.js',
    '/assets/..%2f..%2fpackage.json',
    '/assets/../../package.json',
    '//evil.example/',
  ]) {
    const { status, headers, body } = await get(server, path)
    assert.equal(status, 404, path)
    assert.equal(headers['content-type'], 'text/html; charset=utf-8')
    assert.match(body.toString(), /<a href="\/">/)
  }
})

test('a room written in other code points leads to the one that is meant', async (t) => {
  const server = await startServer(t)
  const { status, headers } = await get(server, '/r/cafe%CC%81')
  assert.deepEqual([status, headers.location], [302, '/r/caf%C3%A9'])
})

test('where rooms are given there are no others, and / leads to the first of them', async (t) => {
  const server = await startServer(t, { rooms: ['tea', 'coffee'] })
  assert.equal((await get(server, '/r/coffee')).status, 200)
  assert.equal((await get(server, '/r/milk')).status, 404)
  const { status, headers } = await get(server, '/')
  assert.deepEqual([status, headers.location], [302, '/r/tea'])
})

test('the page is asked about each time, and its assets are kept for good', async (t) => {
  const server = await startServer(t)
  assert.equal((await get(server, '/')).headers['cache-control'], 'no-cache')
  const asset = await get(server, await findScript(server))
  assert.equal(asset.status, 200)
  assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable')
  assert.match(asset.headers['content-type'] ?? '', /^text\/javascript/)
})

test('an asset is sent in the smallest encoding that is taken', async (t) => {
  const server = await startServer(t)
  const script = await findScript(server)
  const plain = await get(server, script)
  assert.equal(plain.headers['content-encoding'], undefined)
  const brotli = await get(server, script, { 'accept-encoding': 'gzip, deflate, br, zstd' })
  assert.equal(brotli.headers['content-encoding'], 'br')
  assert.deepEqual(brotliDecompressSync(brotli.body), plain.body)
  const gzipped = await get(server, script, { 'accept-encoding': 'gzip;q=0.5, br;q=0' })
  assert.equal(gzipped.headers['content-encoding'], 'gzip')
  assert.deepEqual(gunzipSync(gzipped.body), plain.body)
  for (const { headers, body } of [plain, brotli, gzipped]) {
    assert.equal(headers.vary, 'Accept-Encoding')
    assert.equal(headers['content-length'], String(body.byteLength))
  }
  assert.equal(new Set([plain, brotli, gzipped].map(({ headers }) => headers.etag)).size, 3)
})

test('what a browser has is not sent again', async (t) => {
  const server = await startServer(t)
  for (const path of ['/', await findScript(server)]) {
    const { etag = '' } = (await get(server, path)).headers
    const again = await get(server, path, { 'if-none-match': `"other", ${etag}` })
    assert.deepEqual([again.status, again.headers.etag, again.body.byteLength], [304, etag, 0])
    assert.equal((await get(server, path, { 'if-none-match': '"other"' })).status, 200)
  }
})

test('HEAD tells what GET would send', async (t) => {
  const server = await startServer(t)
  for (const path of ['/', await findScript(server), '/live', '/nothing']) {
    const got = await get(server, path)
    const head = await get(server, path, {}, 'HEAD')
    assert.equal(head.body.byteLength, 0)
    assert.deepEqual(
      [head.status, head.headers['content-length'], head.headers['content-type'], head.headers.etag],
      [got.status, got.headers['content-length'], got.headers['content-type'], got.headers.etag],
    )
  }
})

test('other methods are answered 405 with those that there are', async (t) => {
  const server = await startServer(t)
  for (const path of ['/', '/r/tea', '/live', '/metrics']) {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
      const { status, headers } = await get(server, path, {}, method)
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], `${method} ${path}`)
    }
  }
})

test('the element has an address that stays, for pages of any site', async (t) => {
  const server = await startServer(t)
  const { status, headers, body } = await get(server, '/element.js')
  assert.equal(status, 200)
  assert.match(headers['content-type'] ?? '', /^text\/javascript/)
  const [, path = ''] = /^export \* from '\.(\/assets\/[^']+)'/.exec(body.toString()) ?? []
  const module = await get(server, path)
  assert.equal(module.status, 200)
  for (const answer of [headers, module.headers]) {
    assert.equal(answer['access-control-allow-origin'], '*')
    assert.equal(answer['cross-origin-resource-policy'], 'cross-origin')
  }
})

test('a page may run and load nothing but what this server sends', async (t) => {
  const server = await startServer(t)
  for (const path of ['/', '/r/tea', '/nothing']) {
    const { headers } = await get(server, path)
    const policy = String(headers['content-security-policy'])
    assert.match(policy, /^default-src 'none';/)
    for (const directive of [
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
      "require-trusted-types-for 'script'",
    ]) {
      assert.ok(policy.split('; ').includes(directive), directive)
    }
    assert.doesNotMatch(policy, /unsafe|\*/)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['x-frame-options'], 'SAMEORIGIN')
    assert.equal(headers['referrer-policy'], 'same-origin')
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
    assert.match(String(headers['permissions-policy']), /camera=\(\)/)
  }
})

test('the page has no script and no style in it, which its policy would not let run', async (t) => {
  const html = (await get(await startServer(t), '/')).body.toString()
  assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:/i)
})

test('browsers are told to stay on https only where they came by it', async (t) => {
  const direct = await startServer(t)
  const proxied = await startServer(t, { trustProxy: 1 })
  const https = { 'x-forwarded-proto': 'https' }
  assert.equal((await get(direct, '/', https)).headers['strict-transport-security'], undefined)
  assert.equal((await get(proxied, '/')).headers['strict-transport-security'], undefined)
  assert.match(String((await get(proxied, '/', https)).headers['strict-transport-security']), /^max-age=\d+$/)
})

test('a request with two Host headers is refused, and so is none', async (t) => {
  const server = await startServer(t)
  const end = 'Connection: close\r\n\r\n'
  assert.match(await exchange(t, server.port, `GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n${end}`), /^HTTP\/1\.1 400 /)
  assert.match(await exchange(t, server.port, `GET / HTTP/1.1\r\n${end}`), /^HTTP\/1\.1 400 /)
  assert.match(await exchange(t, server.port, 'GET /live HTTP/1.0\r\nHost: a\r\n\r\n'), /^HTTP\/1\.1 200 /)
})

test('what is not HTTP is answered 400, and the server lives on', async (t) => {
  const server = await startServer(t)
  for (const garbage of [
    '\0\0\0\r\n\r\n',
    'GET / HTTP/9\r\n\r\n',
    'GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n',
    `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  ]) {
    assert.match(await exchange(t, server.port, garbage), /^HTTP\/1\.1 4\d\d /)
  }
  assert.equal((await get(server, '/live')).status, 200)
})

test('a request for a host that is none is answered 400', async (t) => {
  const server = await startServer(t)
  assert.equal((await get(server, '/', { host: 'a b' })).status, 400)
  assert.equal((await get(server, '/', { host: 'a/../b' })).status, 400)
})

test('an idle connection is kept longer than routers keep theirs', async (t) => {
  const server = await startServer(t)
  const answer = await exchange(
    t,
    server.port,
    'GET /live HTTP/1.1\r\nHost: a\r\n\r\nGET /live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  )
  const [, seconds] = /\r\nKeep-Alive: timeout=(\d+)\r\n/.exec(answer) ?? []
  assert.ok(Number(seconds) > 90)
})

test('each request is told with its client, path and length, but without its query', async (t) => {
  const requests: RequestSummary[] = []
  const observer = observing({ onRequest: (summary) => void requests.push(summary) })
  const server = await startServer(t, { observer, trustProxy: 1 })
  const head = 'Host: a\r\nX-Forwarded-For: 198.51.100.1, 192.0.2.1\r\nConnection: close\r\n\r\n'
  await exchange(t, server.port, `GET /live?key=secret HTTP/1.1\r\n${head}`)
  await exchange(t, server.port, `HEAD /nothing HTTP/1.1\r\n${head}`)
  await server.close()
  assert.deepEqual(
    requests.map(({ ms, ...rest }) => ({ ...rest, ms: typeof ms })),
    [
      { address: '192.0.2.1', method: 'GET', path: '/live', httpVersion: '1.1', status: 200, bytes: 5, ms: 'number' },
      {
        address: '192.0.2.1',
        method: 'HEAD',
        path: '/nothing',
        httpVersion: '1.1',
        status: 404,
        bytes: undefined,
        ms: 'number',
      },
    ],
  )
})

test('the client of a connection that is gone is still told', async (t) => {
  const { promise, resolve } = Promise.withResolvers<RequestSummary>()
  const server = await startServer(t, { observer: observing({ onRequest: resolve }) })
  await exchange(t, server.port, 'GET /live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  assert.match((await promise).address, /^(127\.0\.0\.1|::1)$/)
})
