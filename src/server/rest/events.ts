import { Hono } from 'hono'
import type { Context } from 'hono'
import { goodbyeText } from '../../chat/dialects.ts'
import { ChatError } from '../../protocol/errors.ts'
import type { Position } from '../../protocol/message.ts'
import { parsePosition } from '../../protocol/position.ts'
import { EventStream } from './event-stream.ts'
import { parseFields } from './parse-fields.ts'
import { callerOf } from './rest-context.ts'
import type { RestContext, RestEnv } from './rest-context.ts'

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // Whoever compresses answers on their way would hold events back.
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
}

/** Milliseconds after which there may be room for one more stream. */
const ROOM_AGAIN_MS = 30_000

/** Rooms to follow, as server-sent events. */
export function createEvents(context: RestContext): Hono<RestEnv> {
  const app = new Hono<RestEnv>()
  app.get('/rooms/:room/events', async (c) => {
    try {
      return await open(c)
    } catch (error) {
      return sendBack(context, c, error)
    }
  })

  async function open(c: Context<RestEnv>): Promise<Response> {
    const { speaker } = await callerOf(context, c)
    const { room } = parseFields('join', { room: c.req.param('room') ?? '' })
    const since = positionOf(c)
    if (c.req.method === 'HEAD') return c.body(null, 200, HEADERS)
    const stream = openStream(context, c)
    try {
      stream.attach(await context.chat.follow(stream, c.var.peer, speaker, room, since))
    } catch (error) {
      stream.discard()
      throw error
    }
    return c.body(stream.body, 200, HEADERS)
  }

  return app
}

/**
 * Tells a browser when to try again, in the way it understands: an `EventSource` that is refused, by whatever status, never comes back.
 *
 * @throws what is no matter of time, and what is not asked for by an `EventSource`
 */
function sendBack({ chat }: RestContext, c: Context<RestEnv>, error: unknown): Response {
  const retryInMs = error instanceof ChatError ? error.retryAfterMs : undefined
  if (retryInMs === undefined || !c.req.header('Accept')?.includes('text/event-stream')) throw error
  chat.refusalOf(c.var.peer, error)
  return c.body(goodbyeText(retryInMs), 200, HEADERS)
}

/** @throws {ChatError} `rate_limited` where there are as many connections as there may be. */
function openStream({ admission }: RestContext, { env, var: { peer } }: Context<RestEnv>): EventStream {
  if (!admission.enter(peer.address))
    throw new ChatError('rate_limited', 'too many connections, from this address or in all', {
      retryAfterMs: ROOM_AGAIN_MS,
    })
  return new EventStream(
    () => {
      if (!env.outgoing?.writableFinished) env.outgoing?.destroy()
    },
    () => admission.leave(peer.address),
  )
}

/** Where a reader goes on. The header comes from a browser that comes back; its URL is then still the one it began with. */
function positionOf(c: Context): Position | undefined {
  const text = c.req.header('Last-Event-ID') || c.req.query('since')
  if (text === undefined || text === '') return undefined
  const position = parsePosition(text)
  if (position) return position
  throw new ChatError('bad_command', 'events: "since" must be the id of an event, epoch:seq:tag')
}
