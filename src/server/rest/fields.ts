import { ChatError } from '../../protocol/errors.ts'
import { HttpRefusal } from './refusal.ts'

type Fields = Readonly<Record<string, unknown>>

const TAKEN = ['application/json', 'application/x-www-form-urlencoded', 'text/plain']

/**
 * What the body of a request says, as fields: a JSON object's, a form's, or a plain text as `text`.
 *
 * @throws {ChatError} `bad_json`, `bad_text`
 * @throws {HttpRefusal} `unsupported_media_type`
 */
export async function readFields(request: Request): Promise<Fields> {
  const [type, charset] = mediaTypeOf(request.headers.get('Content-Type') ?? '')
  // RFC 8259 §8.1 has no charset; browsers and tools name this one at most.
  if (!TAKEN.includes(type) || charset !== 'utf-8')
    throw new HttpRefusal('unsupported_media_type', `send ${TAKEN.join(', ')} in UTF-8`, { Accept: TAKEN.join(', ') })
  const body = decode(new Uint8Array(await request.arrayBuffer()))
  if (type === 'text/plain') return { text: body }
  return type === 'application/json' ? parseObject(body) : Object.fromEntries(new URLSearchParams(body))
}

/** The media type and the charset that a `Content-Type` names, in lower case. */
function mediaTypeOf(header: string): readonly [type: string, charset: string] {
  const [type = '', ...parameters] = header.toLowerCase().split(';')
  const charset = parameters.map((parameter) => /^\s*charset="?([\w-]+)"?\s*$/.exec(parameter)?.[1]).find(Boolean)
  return [type.trim(), charset ?? 'utf-8']
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new ChatError('bad_text', 'the body is not UTF-8', { cause })
  }
}

function parseObject(body: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (cause) {
    throw new ChatError('bad_json', 'the body is not JSON', { cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new ChatError('bad_json', 'the body must be one JSON object')
}
