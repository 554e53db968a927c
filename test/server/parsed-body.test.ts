import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Hono } from 'hono'
import type { AppEnv } from '../../src/server/app-env.ts'
import { MountPath } from '../../src/server/mount-path.ts'
import { Places } from '../../src/server/places.ts'
import { createRequestHandler } from '../../src/server/request-handler.ts'
import { observing } from '../helpers.ts'
import { listen } from './host.ts'

type Parsed = IncomingMessage & { body?: unknown; rawBody?: unknown }

/** Sends a body to a host whose parser reads it and leaves what it makes of it, and resolves with what our handler then reads. */
async function sendThrough(
  t: TestContext,
  parse: (request: Parsed, text: string) => void,
  body: string,
  type: string,
): Promise<{ readonly status: number; readonly text: string; readonly faults: readonly string[] }> {
  const faults: string[] = []
  const handler = createRequestHandler({
    app: new Hono<AppEnv>().post('/chat/echo', async (c) => c.text(await c.req.text())),
    places: new Places(new MountPath('/chat')),
    observer: observing({}),
    onError: (error) => void faults.push(String(error)),
    trustedHops: 0,
  })
  const server = createServer((request: Parsed, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      parse(request, text)
      handler(request, response)
    })
  })
  const { url } = await listen(t, server)
  const response = await fetch(`${url}/chat/echo`, { method: 'POST', body, headers: { 'Content-Type': type } })
  return { status: response.status, text: await response.text(), faults }
}

const asObject = (request: Parsed, text: string): void => void (request.body = JSON.parse(text))
const asText = (request: Parsed, text: string): void => void (request.body = text)
const asBuffer = (request: Parsed, text: string): void => void (request.body = Buffer.from(text))
const asForm = (request: Parsed, text: string): void =>
  void (request.body = Object.fromEntries(new URLSearchParams(text)))
function asRaw(request: Parsed, text: string): void {
  asObject(request, text)
  request.rawBody = Buffer.from(text)
}

const JSON_TEXT = '{ "text": "naïve ☕" }'

for (const [name, parse, body, type, expected] of [
  ['an object of JSON', asObject, JSON_TEXT, 'application/json; charset=utf-8', '{"text":"naïve ☕"}'],
  ['an object of another kind of JSON', asObject, JSON_TEXT, 'application/merge-patch+json', '{"text":"naïve ☕"}'],
  ['a text', asText, JSON_TEXT, 'application/json', JSON_TEXT],
  ['a buffer', asBuffer, JSON_TEXT, 'application/json', JSON_TEXT],
  ['the raw body beside the object', asRaw, JSON_TEXT, 'application/json', JSON_TEXT],
  ['a form', asForm, 'text=a+b&room=tea', 'application/x-www-form-urlencoded', 'text=a%20b&room=tea'],
] as const) {
  test(`a body that the host's parser left as ${name} is read from there`, async (t) => {
    assert.deepEqual(await sendThrough(t, parse, body, type), { status: 200, text: expected, faults: [] })
  })
}

test('a body of which nothing is left makes no request hang, and the host is told what to do', async (t) => {
  const { status, text, faults } = await sendThrough(t, () => {}, JSON_TEXT, 'application/json')
  assert.deepEqual([status, text], [500, 'the server lost the body of this request\n'])
  assert.match(faults.join(), /^Error: the body of a request was read before .* set request\.body$/)
})

test('an empty body that was read is an empty body', async (t) => {
  assert.deepEqual(await sendThrough(t, () => {}, '', 'application/json'), { status: 200, text: '', faults: [] })
})

test('a body nobody has read is read from its stream', async (t) => {
  const handler = createRequestHandler({
    app: new Hono<AppEnv>().post('/chat/echo', async (c) => c.text(await c.req.text())),
    places: new Places(new MountPath('/chat')),
    observer: observing({}),
    onError: assert.ifError,
    trustedHops: 0,
  })
  const { url } = await listen(t, createServer(handler))
  assert.equal(await (await fetch(`${url}/chat/echo`, { method: 'POST', body: JSON_TEXT })).text(), JSON_TEXT)
})
