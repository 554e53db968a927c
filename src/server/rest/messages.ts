import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { messageJson, restPageJson } from '../../chat/frames.ts'
import type { Stored } from '../../chat/writes.ts'
import type { WriteCommand } from '../../protocol/commands.ts'
import { ChatError } from '../../protocol/errors.ts'
import type { RoomId } from '../../protocol/ids.ts'
import { respondJson } from '../respond.ts'
import type { Caller } from './caller.ts'
import { readFields } from './fields.ts'
import { parseFields } from './parse-fields.ts'
import { HttpRefusal } from './refusal.ts'
import { callerOf } from './rest-context.ts'
import type { RestContext, RestEnv } from './rest-context.ts'

type Fields = Readonly<Record<string, unknown>>

/** Posts, pages, and what is done to messages: each is a command of the socket in other clothes. */
export function createMessages(context: RestContext): Hono<RestEnv> {
  const { chat, limits, mount } = context
  const app = new Hono<RestEnv>()
  const limitBody = bodyLimit({
    maxSize: limits.frameBytes,
    onError: () => {
      throw new HttpRefusal('too_large', `a body holds at most ${limits.frameBytes} bytes`)
    },
  })

  app.get('/rooms/:room/messages', async (c) => {
    const { speaker } = await callerOf(context, c)
    const query = parseFields('history', {
      room: c.req.param('room'),
      before: countIn(c, 'before'),
      after: countIn(c, 'after'),
      around: c.req.query('around'),
      limit: countIn(c, 'limit'),
    })
    return respondJson(c, 200, restPageJson(query.room, await chat.history(speaker, query)))
  })

  app.post('/rooms/:room/messages', limitBody, async (c) => {
    const fields = await readFields(c.req.raw)
    const caller = await callerOf(context, c, fields['name'])
    const command = parseWrite('post', c, { ...fields, room: c.req.param('room') })
    context.rates.countWrite(caller.whose)
    const stored = await chat.submit(caller.speaker, c.var.peer, command)
    const place = `${mount.base}/api/rooms/${encodeURIComponent(command.room)}/messages/${stored.messageId}`
    return respondStored(c, 201, caller, command.room, stored, { Location: place })
  })

  app.get('/rooms/:room/messages/:messageId', async (c) => {
    const { speaker } = await callerOf(context, c)
    const { room, around } = parseFields('history', { room: c.req.param('room'), around: c.req.param('messageId') })
    return respondJson(c, 200, messageJson(await chat.message(speaker, room, around!)))
  })

  app.patch('/rooms/:room/messages/:messageId', limitBody, async (c) =>
    revise(c, 'edit', { ...(await readFields(c.req.raw)), ...c.req.param() }),
  )
  app.delete('/rooms/:room/messages/:messageId', (c) => revise(c, 'delete', c.req.param()))
  app.put('/rooms/:room/messages/:messageId/reactions/:emoji', (c) =>
    revise(c, 'react', { ...c.req.param(), on: true }),
  )
  app.delete('/rooms/:room/messages/:messageId/reactions/:emoji', (c) =>
    revise(c, 'react', { ...c.req.param(), on: false }),
  )

  async function revise(
    c: Context<RestEnv>,
    type: Exclude<WriteCommand['type'], 'post'>,
    fields: Fields,
  ): Promise<Response> {
    const caller = await callerOf(context, c, fields['name'])
    const command = parseWrite(type, c, fields)
    context.rates.countWrite(caller.whose)
    return respondStored(c, 200, caller, command.room, await chat.revise(caller.speaker, c.var.peer, command))
  }

  return app
}

function respondStored(
  c: Context,
  status: 200 | 201,
  { guestToken }: Caller,
  room: RoomId,
  { position, messageId }: Stored,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return respondJson(c, status, { room, position, messageId, ...(guestToken !== undefined && { guestToken }) }, headers)
}

/** A write as the socket would have it. Without a key of the client's it is one of its own. */
function parseWrite<T extends WriteCommand['type']>(
  type: T,
  c: Context,
  fields: Fields,
): ReturnType<typeof parseFields<T>> {
  const { key = randomUUID() } = { key: keyOf(c, fields) }
  return parseFields(type, { ...fields, key })
}

/** The key of a write: of a field or of the header, which some clients put into quotes, as a structured field has it (RFC 9651 §3.3.3). */
function keyOf(c: Context, { key }: Fields): unknown {
  const header = c.req.header('Idempotency-Key')?.replace(/^"(.*)"$/, '$1')
  if (key === undefined || header === undefined || key === header) return key ?? header
  throw new ChatError('bad_command', '"key" and the header Idempotency-Key must be the same')
}

/** A number of the query string; what is none is left for the check of the field. */
function countIn(c: Context, name: string): unknown {
  const value = c.req.query(name)
  return value !== undefined && /^\d{1,16}$/.test(value) ? Number(value) : value
}
