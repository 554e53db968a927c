import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { UiFile } from './ui-files.ts'

/** Answers with a text, whose length the access log tells. */
export function respondText(
  c: Context,
  status: ContentfulStatusCode,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = Buffer.from(text)
  return c.body(body, status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(body.byteLength),
    'Cache-Control': 'no-store',
    ...headers,
  })
}

/** Answers with what JSON can hold; a string is JSON already. */
export function respondJson(
  c: Context,
  status: ContentfulStatusCode,
  value: string | object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const json = typeof value === 'string' ? value : JSON.stringify(value)
  return respondText(c, status, json, { 'Content-Type': 'application/json', ...headers })
}

/** Answers with a file, in the smallest encoding that the client takes. */
export function respondFile(c: Context, file: UiFile, headers: Readonly<Record<string, string>>): Response {
  const encoding = chooseEncoding(c)
  const body = file[encoding]
  return c.body(body, 200, {
    'Content-Type': file.contentType,
    'Content-Length': String(body.byteLength),
    ...(encoding === 'identity' ? {} : { 'Content-Encoding': encoding }),
    // One tag for each encoding: a strong tag stands for the bytes sent (RFC 9110 §8.8.3).
    ETag: `"${file.hash}-${encoding}"`,
    Vary: 'Accept-Encoding',
    ...headers,
  })
}

type Encoding = 'br' | 'gzip' | 'identity'

function chooseEncoding(c: Context): Encoding {
  const encoding = accepts(c, {
    header: 'Accept-Encoding',
    supports: ['br', 'gzip'],
    default: 'identity',
    // Browsers give all encodings the same weight, so the choice is ours.
    match: (accepted, { supports, default: other }) =>
      supports.find((name) => accepted.some(({ type, q }) => type.toLowerCase() === name && q > 0)) ?? other,
  })
  return encoding as Encoding
}
