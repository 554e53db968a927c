import { COMMANDS } from '../../protocol/commands.ts'
import type { CommandType } from '../../protocol/commands.ts'
import { EVENTS } from '../../protocol/event-schemas.ts'
import type { Answer, ServerEvent } from '../../protocol/events.ts'
import { SUBPROTOCOL } from '../../protocol/limits.ts'
import { VERSION } from '../version.ts'
import { componentName, jsonSchemaOf, schemaRef, wireSchemas } from './components.ts'
import type { JsonSchema } from './components.ts'

type EventType = ServerEvent['type']

/** What answers each command, unless `error` does. */
const ANSWERS = {
  hello: 'welcome',
  token: 'renewed',
  join: 'joined',
  leave: 'ok',
  post: 'ack',
  edit: 'ack',
  delete: 'ack',
  react: 'ack',
  history: 'page',
  read: 'ok',
  typing: 'ok',
} as const satisfies Record<CommandType, Answer['type']>

/** What a stream of server-sent events may say. */
export const STREAMED = ['change', 'changes', 'reset', 'removed', 'goodbye'] as const satisfies readonly EventType[]

const COMMAND_TYPES = Object.keys(COMMANDS) as CommandType[]
const EVENT_TYPES = Object.keys(EVENTS) as EventType[]

/** The socket, and the streams of events, as an AsyncAPI 3 document. @param base The path the chat is mounted on, without a slash at its end. */
export function createAsyncApi(base: string): JsonSchema {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Natter',
      version: VERSION,
      description: 'A chat over WebSockets, and its rooms as server-sent events. docs/PROTOCOL.md explains it.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: {
      socket: {
        address: base === '' ? '/' : base,
        title: SUBPROTOCOL,
        description: 'One JSON object in each text frame.',
        messages: refsTo([...COMMAND_TYPES.map(commandName), ...EVENT_TYPES.map(eventName)]),
        bindings: {
          ws: {
            method: 'GET',
            headers: {
              type: 'object',
              properties: { 'Sec-WebSocket-Protocol': { const: SUBPROTOCOL } },
              required: ['Sec-WebSocket-Protocol'],
            },
          },
        },
      },
      stream: {
        address: `${base}/api/rooms/{room}/events`,
        title: 'server-sent events',
        description: 'The id of an event is the position of a reader that applied it, as `epoch:seq:tag`.',
        parameters: { room: { description: String(jsonSchemaOf(COMMANDS.join.shape.room)['description']) } },
        messages: refsTo(STREAMED.map(eventName)),
        bindings: { http: { bindingVersion: '0.3.0' } },
      },
    },
    operations: {
      ...Object.fromEntries(COMMAND_TYPES.map((type) => [type, receives(type)])),
      ...Object.fromEntries(EVENT_TYPES.filter(isUnasked).map((type) => [`on${eventName(type)}`, sends(type)])),
      followRoom: {
        action: 'send',
        channel: { $ref: '#/channels/stream' },
        messages: STREAMED.map((type) => ({ $ref: `#/channels/stream/messages/${eventName(type)}` })),
      },
    },
    components: {
      schemas: wireSchemas(),
      messages: Object.fromEntries([
        ...COMMAND_TYPES.map((type) => [commandName(type), message(type, commandName(type))]),
        ...EVENT_TYPES.map((type) => [eventName(type), message(type, eventName(type))]),
      ]),
    },
  }
}

function receives(type: CommandType): JsonSchema {
  return {
    action: 'receive',
    channel: { $ref: '#/channels/socket' },
    messages: [inSocket(commandName(type))],
    reply: {
      channel: { $ref: '#/channels/socket' },
      messages: [inSocket(eventName(ANSWERS[type])), inSocket(eventName('error'))],
    },
  }
}

function sends(type: EventType): JsonSchema {
  return { action: 'send', channel: { $ref: '#/channels/socket' }, messages: [inSocket(eventName(type))] }
}

/** Whether an event comes without a command that it answers; an `error` may do either. */
function isUnasked(type: EventType): boolean {
  return type === 'error' || !Object.values<EventType>(ANSWERS).includes(type)
}

function message(type: string, name: string): JsonSchema {
  return { name: type, payload: schemaRef(name) }
}

function refsTo(names: readonly string[]): Record<string, JsonSchema> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]))
}

function inSocket(name: string): JsonSchema {
  return { $ref: `#/channels/socket/messages/${name}` }
}

function commandName(type: CommandType): string {
  return componentName(type, 'Command')
}

function eventName(type: EventType): string {
  return componentName(type, 'Event')
}
