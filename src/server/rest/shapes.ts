import * as z from 'zod'
import { COMMANDS } from '../../protocol/commands.ts'
import { ERROR_CODES } from '../../protocol/errors.ts'
import { message, refusal } from '../../protocol/event-schemas.ts'
import { key, messageId, position, room } from '../../protocol/fields.ts'

/** What is sent and answered by HTTP, made of what the socket's commands and events are made of. */

/** Why a request was refused that is none of what the socket refuses a command for. */
export const HTTP_CODES = ['not_found', 'method_not_allowed', 'too_large', 'unsupported_media_type'] as const

/** What only a socket refuses a command for. */
const SOCKET_CODES: readonly string[] = ['unknown_type', 'id_reused', 'hello_required', 'already_hello', 'not_joined']

/** Every code that a request may be refused with. */
export const REST_CODES = [...ERROR_CODES, ...HTTP_CODES].filter((code) => !SOCKET_CODES.includes(code))

export type HttpErrorCode = (typeof HTTP_CODES)[number]
export type RestErrorCode = (typeof ERROR_CODES)[number] | HttpErrorCode

const ofGuest = {
  name: COMMANDS.hello.shape.name.meta({ description: "A guest's handle; ignored for everybody else." }),
}
const ofWrite = {
  key: key.optional().meta({
    description: 'The same as the header Idempotency-Key. Without either, a request sent again is another write.',
  }),
}

export const postRequest = COMMANDS.post.pick({ text: true, replyTo: true }).extend({ ...ofWrite, ...ofGuest })
export const editRequest = COMMANDS.edit.pick({ text: true }).extend({ ...ofWrite, ...ofGuest })

export const stored = z
  .object({
    room,
    position,
    messageId,
    guestToken: z.string().exactOptional().meta({
      description: 'For a guest without a token: what makes the next request the same guest, as a bearer token.',
    }),
  })
  .meta({ description: 'The change is in the durable log.' })

export const page = z
  .object({
    room,
    position: position.meta({ description: 'The page has every change up to here: follow the room from it.' }),
    hasOlder: z.boolean(),
    hasNewer: z.boolean(),
    messages: z.array(message),
  })
  .meta({ description: 'Messages by seq, oldest first.' })

export const refused = z
  .object({
    error: z.object({
      ...refusal,
      code: z.enum(REST_CODES).meta({ description: 'Stable, for programs.' }),
    }),
  })
  .meta({ description: 'The request was refused; nothing of it was stored.' })
