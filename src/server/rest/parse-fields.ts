import { parseCommandOf } from '../../protocol/commands.ts'
import type { CommandType } from '../../protocol/commands.ts'
import { ChatError } from '../../protocol/errors.ts'

/**
 * Makes a command of what a request says, as if it had come by the socket.
 *
 * @throws {ChatError} `bad_text` or `bad_command` with the name of the field and what it must be, and nothing of the command.
 */
export function parseFields<T extends CommandType>(
  type: T,
  fields: Readonly<Record<string, unknown>>,
): ReturnType<typeof parseCommandOf<T>> {
  try {
    return parseCommandOf(type, { ...fields, type, id: 1 })
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    throw new ChatError(error.code, error.message.replace(`${type}: `, ''), { cause: error })
  }
}
