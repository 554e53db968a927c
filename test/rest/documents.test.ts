import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { COMMANDS } from '../../src/protocol/commands.ts'
import { EVENTS } from '../../src/protocol/event-schemas.ts'
import { DOCUMENTS, renderDocument } from '../../src/server/rest/documents.ts'
import { REST_CODES } from '../../src/server/rest/shapes.ts'
import { STATUSES } from '../../src/server/rest/statuses.ts'
import { startServer } from '../helpers.ts'
import { SAMPLES } from '../protocol/samples.ts'
import { ask } from './client.ts'
import type { Stored } from './client.ts'

const NAMES = Object.keys(DOCUMENTS) as (keyof typeof DOCUMENTS)[]

type Json = Readonly<Record<string, unknown>>

/** The value at a JSON pointer that begins with `#`. */
function resolve(document: Json, pointer: string): unknown {
  const steps = pointer.slice(2).split('/')
  return steps.reduce<unknown>((value, step) => {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  }, document)
}

function refsIn(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref = '']) => ref)
}

test('the documents in docs/ say what the code does', async () => {
  for (const name of NAMES) {
    const kept = await readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
    assert.equal(kept, renderDocument(name), `docs/${name} is out of date: node scripts/write-api-documents.ts`)
  }
})

test('a chat serves them, with its own path in them', async (t) => {
  const { url } = await startServer(t, { path: '/chat' })
  const [openApi, asyncApi] = await Promise.all(NAMES.map(async (name) => (await ask<Json>(`${url}/api/${name}`)).body))
  assert.deepEqual(openApi?.['servers'], [{ url: '/chat' }])
  assert.equal(resolve(asyncApi!, '#/channels/socket/address'), '/chat')
})

test('the OpenAPI document is one, by the schema of the specification', async () => {
  const validator = new Validator()
  const result = await validator.validate(DOCUMENTS['openapi.json'](''))
  assert.deepEqual([result.valid, result.errors], [true, undefined])
  assert.equal(validator.version, '3.1')
  assert.equal((await new Validator().validate({ ...DOCUMENTS['openapi.json'](''), paths: 7 })).valid, false)
})

test('the AsyncAPI document is one, by the schema of the specification', async () => {
  const specification = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0.json')
  // The schema brings the schema of schemas with it, so the validator's own is left out; formats are not checked.
  const ajv = new Ajv({ strict: false, meta: false, validateSchema: false, validateFormats: false })
  const isAsyncApi = ajv.compile(JSON.parse(await readFile(specification, 'utf8')) as Json)
  assert.ok(isAsyncApi(DOCUMENTS['asyncapi.json']('')), JSON.stringify(isAsyncApi.errors))
  assert.equal(isAsyncApi({ ...DOCUMENTS['asyncapi.json'](''), channels: 7 }), false)
})

test('everything that the documents refer to is in them', () => {
  for (const name of NAMES) {
    const document = DOCUMENTS[name]('')
    assert.deepEqual(
      refsIn(document).filter((ref) => resolve(document, ref) === undefined),
      [],
      name,
    )
  }
})

test('every command and event is in the AsyncAPI document, and no schema lets everything through', () => {
  const document = DOCUMENTS['asyncapi.json']('')
  const schemas = resolve(document, '#/components/schemas') as Record<string, { properties: Json }>
  const named = (kind: string): string[] =>
    Object.entries(schemas)
      .filter(([name]) => name.endsWith(kind))
      .map(([, { properties }]) => String((properties['type'] as Json)['const']))
      .toSorted()
  assert.deepEqual(named('Command'), Object.keys(COMMANDS).toSorted())
  assert.deepEqual(named('Event'), Object.keys(EVENTS).toSorted())
  for (const name of NAMES) assert.doesNotMatch(JSON.stringify(DOCUMENTS[name]('')), /(?<!"security":\[):?\{\}/, name)
})

test('commands that the socket takes are valid by the published schemas, and malformed ones are not', () => {
  const ajv = new Ajv({ strict: false })
  ajv.addSchema(DOCUMENTS['asyncapi.json'](''), 'asyncapi')
  for (const [type, sample] of Object.entries(SAMPLES)) {
    const schema = `asyncapi#/components/schemas/${type.charAt(0).toUpperCase()}${type.slice(1)}Command`
    const command = { type, id: 1, ...sample }
    assert.ok(ajv.validate(schema, command), `${type}: ${ajv.errorsText()}`)
    for (const wrong of [{ id: 0 }, { id: '1' }, { type: 'other' }, ...('room' in sample ? [{ room: 'a b' }] : [])])
      assert.equal(ajv.validate(schema, { ...command, ...wrong }), false, `${type} ${JSON.stringify(wrong)}`)
  }
})

test('what a chat answers is as the OpenAPI document says, for each of its operations', async (t) => {
  const { url } = await startServer(t)
  const document = DOCUMENTS['openapi.json']('')
  const ajv = new Ajv2020({ strict: false })
  ajv.addSchema(document, 'openapi')
  const tried = new Set<string>()
  const room = `${url}/api/rooms/tea`

  async function check(
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string,
    rest: string,
    body?: unknown,
    as = {},
  ): Promise<Json> {
    const template = `/api/rooms/{room}${path}`
    tried.add(`${method} ${template}`)
    const answer = await ask<Json>(room + rest, method, body, as)
    const pointer = `#/paths/${template.replaceAll('/', '~1')}/${method.toLowerCase()}/responses/${answer.status}`
    const response = resolve(document, pointer) as
      { content: { 'application/json': { schema: { $ref: string } } } } | undefined
    assert.ok(response, `${method} ${template} is not said to answer ${answer.status}: ${JSON.stringify(answer.body)}`)
    const { $ref } = response.content['application/json'].schema
    assert.ok(ajv.validate(`openapi${$ref}`, answer.body), `${method} ${template}: ${ajv.errorsText()}`)
    return answer.body
  }

  const { messageId, guestToken } = (await check('POST', '/messages', '/messages', { text: 'hi' })) as unknown as Stored
  const as = { Authorization: `Bearer ${guestToken}` }
  const message = `/messages/${messageId}`
  const thumb = `${message}/reactions/${encodeURIComponent('👍')}`
  await check('POST', '/messages', '/messages', { text: '' })
  await check('PUT', '/messages/{messageId}/reactions/{emoji}', thumb, undefined, as)
  await check('GET', '/messages', '/messages')
  await check('GET', '/messages', '/messages?limit=0')
  await check('GET', '/messages/{messageId}', message)
  await check('GET', '/messages/{messageId}', '/messages/nothing')
  await check('DELETE', '/messages/{messageId}/reactions/{emoji}', thumb, undefined, as)
  await check('PATCH', '/messages/{messageId}', message, { text: 'hello' }, as)
  await check('PATCH', '/messages/{messageId}', message, { text: 'hello' })
  await check('DELETE', '/messages/{messageId}', message, undefined, as)
  await check('PATCH', '/messages/{messageId}', message, { text: 'again' }, as)
  await check('GET', '/events', '/events?since=x')
  const paths = document['paths'] as Record<string, Json>
  const methods = ['get', 'post', 'patch', 'put', 'delete']
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    methods.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${path}`),
  )
  assert.deepEqual([...tried].toSorted(), operations.toSorted())
})

test('every refusal has a status, and the document of the errors says which', async () => {
  const page = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  const [, section = ''] = page.split('\n## Refused requests\n')
  const told = [...section.split('\n## ')[0]!.matchAll(/^\| (\d{3}) \| ([^|]+) \|/gm)].flatMap(
    ([, status, codes = '']) => [...codes.matchAll(/`(\w+)`/g)].map(([, code]) => `${code} ${status}`),
  )
  assert.deepEqual(told.toSorted(), REST_CODES.map((code) => `${code} ${STATUSES[code]}`).toSorted())
})
