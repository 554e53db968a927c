import { optional, text } from './option-kinds.ts'
import { argument } from './option.ts'
import type { OptionValues } from './option.ts'
import { SERVE_OPTIONS } from './options.ts'
import { REDIS_OPTIONS } from './redis-options.ts'

/** Where a chat is that is moved: as `natter serve` is told of it. */
export const CHAT_OPTIONS = {
  data: SERVE_OPTIONS.data,
  ...REDIS_OPTIONS,
} as const

export type ChatValues = OptionValues<typeof CHAT_OPTIONS>

/** Every option of `natter export`. */
export const EXPORT_OPTIONS = {
  ...CHAT_OPTIONS,
  output: argument(
    'File',
    optional(text('<file>')),
    undefined,
    'File to write, which must not be there yet. Without it: standard output.',
  ),
} as const

/** Every option of `natter import`. */
export const IMPORT_OPTIONS = {
  ...CHAT_OPTIONS,
  input: argument('File', optional(text('<file>')), undefined, 'File to read. Without it: standard input.'),
} as const
