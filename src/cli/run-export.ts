import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { exportChat } from '../index.ts'
import type { Backend, MoveProgress } from '../index.ts'
import type { EXPORT_OPTIONS } from './move-options.ts'
import { describe, reportProgress, tell } from './move-progress.ts'
import { explainMoveError } from './move-error.ts'
import { nameChat, openSource } from './open-chat.ts'
import type { OptionValues } from './option.ts'

/**
 * Writes a chat to a file or to standard output.
 *
 * @throws {CommandError} Where not all of it was written.
 */
export async function runExport({ output, ...options }: OptionValues<typeof EXPORT_OPTIONS>): Promise<void> {
  try {
    await using backend = await openSource(options)
    tell(`exporting from ${nameChat(options)}`)
    await writeTo(output, backend)
  } catch (error) {
    throw explainMoveError(error)
  }
}

async function writeTo(output: string | undefined, backend: Pick<Backend, 'archive'>): Promise<void> {
  const report = reportProgress('exported')
  let last: MoveProgress = { rooms: 0, messages: 0, bytes: 0 }
  const text = exportChat(backend, {
    onProgress: (progress) => {
      last = progress
      report(progress)
    },
  })
  // It has what guests' tokens are signed with, and all that was said.
  const target = output === undefined ? process.stdout : createWriteStream(output, { flags: 'wx', mode: 0o600 })
  await pipeline(text, target, { end: output !== undefined })
  tell(`exported ${describe(last)}`)
}
