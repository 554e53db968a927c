import { createReadStream } from 'node:fs'
import { importChat } from '../index.ts'
import type { IMPORT_OPTIONS } from './move-options.ts'
import { describe, reportProgress, tell } from './move-progress.ts'
import { explainMoveError } from './move-error.ts'
import { nameChat, openTarget } from './open-chat.ts'
import type { OptionValues } from './option.ts'

/**
 * Restores a chat from a file or from standard input.
 *
 * @throws {CommandError} Where not all of it is there then.
 */
export async function runImport({ input, ...options }: OptionValues<typeof IMPORT_OPTIONS>): Promise<void> {
  try {
    await using backend = await openTarget(options)
    tell(`importing into ${nameChat(options)}`)
    const source = input === undefined ? process.stdin : createReadStream(input)
    const imported = await importChat(backend, source, { onProgress: reportProgress('imported') })
    tell(imported.wasThere ? 'nothing to do: this chat is there already' : `imported ${describe(imported)}`)
  } catch (error) {
    throw explainMoveError(error)
  }
}
