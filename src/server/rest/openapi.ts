import { COMMANDS } from '../../protocol/commands.ts'
import { DEFAULT_LIMITS, DEFAULT_PAGE_MESSAGES } from '../../protocol/limits.ts'
import { VERSION } from '../version.ts'
import { jsonSchemaOf, restSchemas, schemaRef } from './components.ts'
import type { JsonSchema } from './components.ts'
import type { RestErrorCode } from './shapes.ts'
import { STATUSES } from './statuses.ts'

/** What every request may be refused for, besides what is its own. */
const USUAL = ['unauthorized', 'room_not_found', 'rate_limited', 'internal', 'unavailable'] as const
const OF_WRITES = [
  ...USUAL,
  'bad_command',
  'bad_text',
  'forbidden',
  'message_not_found',
  'message_deleted',
  'conflict',
  'key_reused',
] as const
const OF_TEXTS = [
  ...OF_WRITES,
  'bad_json',
  'text_blank',
  'text_too_long',
  'too_large',
  'unsupported_media_type',
] as const

/** The REST interface as an OpenAPI 3.1 document. @param base The path the chat is mounted on, without a slash at its end. */
export function createOpenApi(base: string): JsonSchema {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Natter',
      version: VERSION,
      description:
        'Post to, read and follow the rooms of a chat by plain HTTP. docs/rest.md explains it with examples.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: base === '' ? '/' : base }],
    // Without either one is a guest, where the chat takes guests.
    security: [{}, { bearer: [] }, { session: [] }],
    tags: [{ name: 'messages' }, { name: 'events' }],
    paths: {
      '/api/rooms/{room}/messages': {
        parameters: [{ $ref: '#/components/parameters/room' }],
        get: readPage(),
        post: post(),
      },
      '/api/rooms/{room}/messages/{messageId}': {
        parameters: [{ $ref: '#/components/parameters/room' }, { $ref: '#/components/parameters/messageId' }],
        get: readMessage(),
        patch: edit(),
        delete: remove(),
      },
      '/api/rooms/{room}/messages/{messageId}/reactions/{emoji}': {
        parameters: [
          { $ref: '#/components/parameters/room' },
          { $ref: '#/components/parameters/messageId' },
          { $ref: '#/components/parameters/emoji' },
        ],
        put: react('addReaction', 'React to a message'),
        delete: react('removeReaction', 'Take a reaction back'),
      },
      '/api/rooms/{room}/events': {
        parameters: [{ $ref: '#/components/parameters/room' }],
        get: follow(),
      },
    },
    components: {
      schemas: restSchemas(),
      parameters: {
        room: inPath('room', COMMANDS.post.shape.room),
        messageId: inPath('messageId', COMMANDS.edit.shape.messageId),
        emoji: inPath('emoji', COMMANDS.react.shape.emoji),
        key: {
          name: 'Idempotency-Key',
          in: 'header',
          description:
            'Names this one write: the same request sent again with it is stored once, and answered the same.',
          schema: jsonSchemaOf(COMMANDS.post.shape.key),
        },
        name: {
          name: 'name',
          in: 'query',
          description: "A guest's handle, where the request has no field for it.",
          schema: jsonSchemaOf(COMMANDS.hello.shape.name),
        },
      },
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A token signed by the app, or the one that a guest was given.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'session',
          description: "The app's own session, whatever its cookies are called.",
        },
      },
    },
  }
}

function readPage(): JsonSchema {
  const { before, after, around, limit } = COMMANDS.history.shape
  return {
    operationId: 'readPage',
    tags: ['messages'],
    summary: 'A page of a room, the newest without an edge',
    parameters: [
      inQuery('before', 'Messages with a lower seq.', before),
      inQuery('after', 'Messages with a higher seq.', after),
      inQuery('around', 'The message of this id, and about half a page on either side.', around),
      inQuery('limit', `At most so many, ${DEFAULT_PAGE_MESSAGES} by default.`, limit),
    ],
    responses: {
      200: json('A page', 'Page'),
      ...refusals([...USUAL, 'bad_command', 'bad_text', 'message_not_found']),
    },
  }
}

function post(): JsonSchema {
  return {
    operationId: 'postMessage',
    tags: ['messages'],
    summary: 'Post a message',
    parameters: [{ $ref: '#/components/parameters/key' }, { $ref: '#/components/parameters/name' }],
    requestBody: textBody('PostRequest'),
    responses: {
      201: {
        ...json('It is in the durable log. A repeat of the request is answered the same', 'Stored'),
        headers: {
          Location: { description: 'Where the message is.', schema: { type: 'string', format: 'uri-reference' } },
        },
      },
      ...refusals(OF_TEXTS),
    },
  }
}

function readMessage(): JsonSchema {
  return {
    operationId: 'readMessage',
    tags: ['messages'],
    summary: 'One message, as it now stands',
    responses: {
      200: json('The message', 'Message'),
      ...refusals([...USUAL, 'bad_command', 'bad_text', 'message_not_found']),
    },
  }
}

function edit(): JsonSchema {
  return {
    operationId: 'editMessage',
    tags: ['messages'],
    summary: 'Change the text of a message of yours',
    parameters: [{ $ref: '#/components/parameters/key' }, { $ref: '#/components/parameters/name' }],
    requestBody: textBody('EditRequest'),
    responses: { 200: json('The change is in the durable log', 'Stored'), ...refusals(OF_TEXTS) },
  }
}

function remove(): JsonSchema {
  return {
    operationId: 'deleteMessage',
    tags: ['messages'],
    summary: 'Delete a message of yours, or as a moderator anyone’s',
    parameters: [{ $ref: '#/components/parameters/key' }, { $ref: '#/components/parameters/name' }],
    responses: { 200: json('The change is in the durable log', 'Stored'), ...refusals(OF_WRITES) },
  }
}

function react(operationId: string, summary: string): JsonSchema {
  return {
    operationId,
    tags: ['messages'],
    summary,
    parameters: [{ $ref: '#/components/parameters/key' }, { $ref: '#/components/parameters/name' }],
    responses: {
      200: json('The change is in the durable log', 'Stored'),
      ...refusals([...OF_WRITES, 'limit_reached']),
    },
  }
}

function follow(): JsonSchema {
  const position = { type: 'string', examples: ['k3:42:c1'] }
  return {
    operationId: 'followRoom',
    tags: ['events'],
    summary: 'Follow a room as server-sent events',
    description:
      'Events are those of the socket, `change`, `changes`, `reset`, `removed` and `goodbye`; asyncapi.json has their schemas. The id of an event is the position of a reader that applied it.',
    parameters: [
      {
        name: 'since',
        in: 'query',
        description: 'Where to go on from: `epoch:seq:tag`. Without it: from the end of the room.',
        schema: position,
      },
      {
        name: 'Last-Event-ID',
        in: 'header',
        description: 'The same, as browsers send it when they come back; it goes before `since`.',
        schema: position,
      },
    ],
    responses: {
      200: {
        description: 'A stream that does not end by itself',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
      ...refusals([...USUAL, 'bad_command', 'conflict']),
    },
  }
}

function textBody(name: string): JsonSchema {
  return {
    required: true,
    description: `At most ${DEFAULT_LIMITS.frameBytes} bytes, unless the operator said otherwise.`,
    content: {
      'application/json': { schema: schemaRef(name) },
      'application/x-www-form-urlencoded': { schema: schemaRef(name) },
      'text/plain': { schema: { type: 'string', description: 'The text, and nothing else.' } },
    },
  }
}

function json(description: string, name: string): JsonSchema {
  return { description: `${description}.`, content: { 'application/json': { schema: schemaRef(name) } } }
}

/** One answer for each status that `codes` are answered with. */
function refusals(codes: readonly RestErrorCode[]): Record<string, JsonSchema> {
  const byStatus = Map.groupBy(codes, (code) => STATUSES[code])
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      status,
      {
        ...json(same.map((code) => `\`${code}\``).join(', '), 'Refused'),
        ...(same.some(isRetried) && { headers: { 'Retry-After': { schema: { type: 'integer' } } } }),
      },
    ]),
  )
}

function isRetried(code: RestErrorCode): boolean {
  return code === 'rate_limited' || code === 'muted' || code === 'unavailable' || code === 'conflict'
}

function inPath(name: string, schema: Parameters<typeof jsonSchemaOf>[0]): JsonSchema {
  return { name, in: 'path', required: true, schema: jsonSchemaOf(schema) }
}

function inQuery(name: string, description: string, schema: Parameters<typeof jsonSchemaOf>[0]): JsonSchema {
  return { name, in: 'query', description, schema: jsonSchemaOf(schema) }
}
