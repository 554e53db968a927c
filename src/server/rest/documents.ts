import { createAsyncApi } from './asyncapi.ts'
import { createOpenApi } from './openapi.ts'

/** The documents that describe a chat for programs, by the name they are served and kept under. `base` is the path it is mounted on. */
export const DOCUMENTS = { 'openapi.json': createOpenApi, 'asyncapi.json': createAsyncApi } as const

/** As it is kept in docs/: for people to read, of a chat mounted on `/`. */
export function renderDocument(name: keyof typeof DOCUMENTS): string {
  return `${JSON.stringify(DOCUMENTS[name](''), null, 2)}\n`
}
