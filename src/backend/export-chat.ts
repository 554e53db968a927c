import { createHash } from 'node:crypto'
import type { ArchivePart, LoggedChange } from './archive.ts'
import { ArchiveError, formatEnd, formatPart } from './archive-lines.ts'
import type { Backend } from './backend.ts'

/** How much of a chat was moved so far. */
export interface MoveProgress {
  readonly rooms: number
  /** Messages as they stand, each counted once unless it changed while it was read. */
  readonly messages: number
  readonly bytes: number
}

export interface ExportOptions {
  /** Told after every piece. Defaults to telling nobody. */
  readonly onProgress?: ((progress: MoveProgress) => void) | undefined
}

/**
 * Everything a backend keeps, as pieces of a text of JSON Lines: see `docs/operations.md`. A piece is read when it is asked for, so memory
 * holds one at a time. **The text has the secrets that guests' tokens are signed with.** A chat that is written to meanwhile comes with
 * each room as it was when its last piece was read.
 *
 * @throws {ArchiveError} Where a room was trimmed while it was read.
 * @throws {ChatError} `unavailable`
 */
export async function* exportChat(
  { archive }: Pick<Backend, 'archive'>,
  { onProgress = () => {} }: ExportOptions = {},
): AsyncGenerator<string> {
  const hash = createHash('sha256')
  const count = { rooms: 0, messages: 0, bytes: 0 }
  let lines = 0
  let seq = 0
  for await (const part of archive.read()) {
    if (part.type === 'room') seq = part.trimmed.seq
    if (part.type === 'changes') seq = follow(part.room, part.changes, seq)
    const text = formatPart(part)
    hash.update(text)
    lines += linesOf(part)
    count.rooms += part.type === 'room' ? 1 : 0
    count.messages += part.type === 'changes' ? part.changes.filter(({ message }) => message).length : 0
    count.bytes += Buffer.byteLength(text)
    onProgress({ ...count })
    if (text !== '') yield text
  }
  yield formatEnd(lines, hash.digest('hex'))
}

function linesOf(part: ArchivePart): number {
  switch (part.type) {
    case 'changes':
      return part.changes.length
    case 'markers':
      return part.markers.length
    case 'writes':
      return part.writes.length
    default:
      return 1
  }
}

/** Where a room's log stands after its next changes. */
function follow(room: string, changes: readonly LoggedChange[], seq: number): number {
  for (const change of changes) {
    if (change.seq !== ++seq) throw new ArchiveError(`room ${room} was trimmed while it was read: export it again`)
  }
  return seq
}
