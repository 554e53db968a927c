import type { IncomingMessage } from 'node:http'
import { stringify } from 'node:querystring'
import type { ParsedUrlQueryInput } from 'node:querystring'

/** A request as the body parsers of Express and others leave it. */
type ParsedRequest = IncomingMessage & { body?: unknown; rawBody?: unknown }

/**
 * Makes the body of a request readable again where a parser of the host has read it before us: it is written anew from
 * what the parser left in `request.body`.
 *
 * @returns Whether there is a body to read. False: it was read, and nothing of it is left.
 */
export function restoreBody(request: ParsedRequest): boolean {
  if (!request.readableDidRead || !hasBody(request) || Buffer.isBuffer(request.rawBody)) return true
  const body = encodeBody(request)
  // Where @hono/node-server looks before it reads the stream.
  request.rawBody = body
  return body !== undefined
}

/** A request whose body is gone before the chat gets it is a mistake of the host: nothing a client sends is. */
export function lostBody(): Error {
  return new Error(
    'the body of a request was read before the chat got it, and is not in request.body: mount the chat before the body parser, or set request.body',
  )
}

function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function encodeBody({ body, headers }: ParsedRequest): Buffer | undefined {
  if (Buffer.isBuffer(body)) return body
  if (typeof body === 'string') return Buffer.from(body)
  if (body === undefined || body === null) return undefined
  const [type = ''] = (headers['content-type'] ?? '').toLowerCase().split(';')
  if (/^application\/([\w.+-]+\+)?json\s*$/.test(type)) return Buffer.from(JSON.stringify(body))
  if (/^application\/x-www-form-urlencoded\s*$/.test(type)) return Buffer.from(stringify(body as ParsedUrlQueryInput))
  return undefined
}
