import type { Archive } from './archive.ts'
import { ArchiveError } from './archive-lines.ts'
import { ArchiveReader } from './archive-reader.ts'
import { BackendError, halfRestored } from './backend-error.ts'
import type { Backend } from './backend.ts'
import type { MoveProgress } from './export-chat.ts'

export interface ImportOptions {
  /** Told after every piece. Defaults to telling nobody. */
  readonly onProgress?: ((progress: MoveProgress) => void) | undefined
}

export interface Imported extends MoveProgress {
  /** Whether the chat was there already, from the same export, so that nothing was to be done. */
  readonly wasThere: boolean
}

/**
 * Restores what `exportChat()` wrote to a backend that was opened `forRestore` and has no chat yet. Ids, positions and guests' tokens go on
 * to hold. A run that was interrupted, or ended with an error, is done again from the start of the export, or of a newer one of the same chat:
 * what is there is passed over. Until a run has come to the end, the log can be opened for restoring only.
 *
 * @throws {ArchiveError} Where the input is not what was exported: another thing, damaged, cut short, of another version.
 * @throws {BackendError} `not_empty`, `restoring` (half of another chat is there), `in_use`.
 * @throws {ChatError} `unavailable`
 */
export async function importChat(
  { archive }: Pick<Backend, 'archive'>,
  input: AsyncIterable<Uint8Array>,
  { onProgress = () => {} }: ImportOptions = {},
): Promise<Imported> {
  const reader = new ArchiveReader(input)
  const epoch = await reader.readHeader()
  const state = await archive.state()
  if (state.status === 'used') return await findOutWhetherIsThere(reader, state.restored)
  if (state.status === 'restoring' && state.epoch !== epoch) throw halfRestored('the target')
  await archive.beginRestore(epoch)
  await archive.restore({ type: 'epoch', epoch })
  await restoreAll(archive, reader, onProgress)
  await archive.finishRestore(reader.sha256)
  return { ...reader.progress, wasThere: false }
}

async function restoreAll(
  archive: Archive,
  reader: ArchiveReader,
  onProgress: (progress: MoveProgress) => void,
): Promise<void> {
  try {
    for await (const part of reader.parts()) {
      await archive.restore(part)
      onProgress(reader.progress)
    }
  } catch (error) {
    // Only an export of one chat after half of another gets here, where both have one epoch: a copy that went on by itself.
    if (!(error instanceof RangeError)) throw error
    throw new ArchiveError(`${error.message}: empty the target, and begin again`, { cause: error })
  }
}

async function findOutWhetherIsThere(reader: ArchiveReader, restored: string | undefined): Promise<Imported> {
  const isThere = restored !== undefined && (await readToEnd(reader)) === restored
  if (isThere) return { ...reader.progress, wasThere: true }
  throw new BackendError('not_empty', 'the target has a chat already: import into an empty one')
}

async function readToEnd(reader: ArchiveReader): Promise<string> {
  const parts = reader.parts()
  while ((await parts.next()).done !== true);
  return reader.sha256
}
