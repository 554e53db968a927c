import * as z from 'zod'
import { COMMANDS } from '../../protocol/commands.ts'
import { EVENTS, message, reaction, user } from '../../protocol/event-schemas.ts'
import { position } from '../../protocol/fields.ts'
import { editRequest, page, postRequest, refused, stored } from './shapes.ts'

/** A JSON Schema: of the draft 2020-12 in OpenAPI 3.1, of draft 7 in AsyncAPI 3. */
export type JsonSchema = Readonly<Record<string, unknown>>

type Named = readonly (readonly [name: string, schema: z.ZodType])[]

/** What both documents name. */
const SHARED: Named = [
  ['Position', position],
  ['User', user],
  ['Reaction', reaction],
  ['Message', message],
]

/** The schemas that an OpenAPI document refers to, by name. */
export function restSchemas(): Record<string, JsonSchema> {
  return schemasOf('draft-2020-12', [
    ...SHARED,
    ['PostRequest', postRequest],
    ['EditRequest', editRequest],
    ['Stored', stored],
    ['Page', page],
    ['Refused', refused],
  ])
}

/** The schemas that an AsyncAPI document refers to, by name: `PostCommand`, `AckEvent`. */
export function wireSchemas(): Record<string, JsonSchema> {
  return schemasOf('draft-7', [
    ...SHARED,
    ...Object.entries(COMMANDS).map(([type, schema]) => [componentName(type, 'Command'), schema] as const),
    ...Object.entries(EVENTS).map(([type, schema]) => [componentName(type, 'Event'), schema] as const),
  ])
}

/** What stands where a schema is used. */
export function schemaRef(name: string): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` }
}

export function componentName(type: string, kind: 'Command' | 'Event'): string {
  return `${type.charAt(0).toUpperCase()}${type.slice(1)}${kind}`
}

/** A schema that stands where it is used. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}

function schemasOf(target: 'draft-2020-12' | 'draft-7', named: Named): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of named) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, {
    target,
    // Fields that a schema does not name are ignored, not refused.
    io: 'input',
    uri: (id) => schemaRef(id).$ref,
    // Of an array that our code does not change. In a document it would mean that nobody may send it.
    override: ({ jsonSchema }) => void delete jsonSchema.readOnly,
  })
  return Object.fromEntries(
    // The document that holds them says what dialect they are in, and where they are.
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _place, ...schema }]) => [name, schema]),
  )
}
