import { createHash } from 'node:crypto'
import type { Epoch, RoomId } from '../protocol/ids.ts'
import type { ArchivePart } from './archive.ts'
import { ArchiveError, parseHeader, parseLine, toChange, toMarker, toWrite } from './archive-lines.ts'
import type { ArchiveLine } from './archive-lines.ts'
import { readLines } from './read-lines.ts'

/** No message comes near it. */
const MAX_LINE_BYTES = 64 * 1_024 * 1_024

/** Lines that become one part, and bytes of them past which no more do. */
const BATCH_LINES = 128
const BATCH_BYTES = 1_048_576

type ContentLine = Exclude<ArchiveLine, { type: 'end' }>
type EndLine = Extract<ArchiveLine, { type: 'end' }>

/** Reads what `exportChat()` wrote: its header, then its parts, then what it is called. Throws an {@link ArchiveError} where that is not what was written. */
export class ArchiveReader {
  readonly #lines: AsyncGenerator<Buffer>
  readonly #hash = createHash('sha256')
  #number = 0
  #bytes = 0
  #rooms = 0
  #messages = 0
  #room: RoomId | undefined
  #seq: number = 0
  /** Whether a later change of the room has to come. */
  #isOpenEnded = false
  #sha256: string | undefined

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#lines = readLines(input, MAX_LINE_BYTES)
  }

  get progress(): { readonly rooms: number; readonly messages: number; readonly bytes: number } {
    return { rooms: this.#rooms, messages: this.#messages, bytes: this.#bytes }
  }

  /** Tells exports apart, once all parts were read. */
  get sha256(): string {
    if (this.#sha256 === undefined) throw new TypeError('the export has not been read to its end')
    return this.#sha256
  }

  /** The epoch that new rooms of the chat get. */
  async readHeader(): Promise<Epoch> {
    const bytes = await this.#read()
    if (!bytes) throw new ArchiveError('there is nothing to import: the input is empty')
    const epoch = parseHeader(bytes.toString())
    this.#hash.update(bytes).update('\n')
    return epoch
  }

  async *parts(): AsyncGenerator<ArchivePart> {
    let part: ArchivePart | undefined
    let [lines, size] = [0, 0]
    for (;;) {
      const bytes = await this.#read()
      if (!bytes) throw new ArchiveError(`the export was cut short: line ${this.#number} is not its last one`)
      const line = parseLine(bytes.toString(), this.#number)
      this.#follow(line)
      if (line.type === 'end') {
        await this.#finish(line)
        if (part) yield part
        return
      }
      this.#hash.update(bytes).update('\n')
      const next = this.#toPart(line)
      const joined = part && lines < BATCH_LINES && size < BATCH_BYTES ? join(part, next) : undefined
      if (part && !joined) yield part
      part = joined ?? next
      lines = joined ? lines + 1 : 1
      size = joined ? size + bytes.length : bytes.length
    }
  }

  async #read(): Promise<Buffer | undefined> {
    try {
      const { value, done } = await this.#lines.next()
      if (done === true) return undefined
      this.#number++
      this.#bytes += value.length + 1
      return value
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause
      throw new ArchiveError(`line ${this.#number + 1} is too long to be one of an export`, { cause })
    }
  }

  /** Checks what one line cannot tell: that a room's changes are all there, in their order. */
  #follow(line: ArchiveLine): void {
    switch (line.type) {
      case 'change':
      case 'message':
        if (this.#room === undefined) throw this.#wrong('a change comes before any room')
        if (line.seq !== this.#seq + 1) throw this.#wrong(`change ${line.seq} comes after change ${this.#seq}`)
        this.#seq = line.seq
        this.#isOpenEnded = line.type === 'change'
        this.#messages += line.type === 'message' ? 1 : 0
        return
      default:
        if (this.#isOpenEnded) throw this.#wrong(`the newest change of room ${this.#room} is not there`)
        this.#room = line.type === 'room' ? line.room : undefined
        this.#seq = line.type === 'room' ? line.trimmed.seq : 0
        this.#rooms += line.type === 'room' ? 1 : 0
    }
  }

  async #finish({ lines, sha256 }: EndLine): Promise<void> {
    const digest = this.#hash.digest('hex')
    if (lines !== this.#number - 1 || sha256 !== digest)
      throw new ArchiveError(
        'the export is damaged: its checksum is another. Empty the target, and import a whole copy',
      )
    if (await this.#read()) throw this.#wrong('something follows the end of the export')
    this.#sha256 = digest
  }

  #toPart(line: ContentLine): ArchivePart {
    switch (line.type) {
      case 'secret':
        return { type: 'secret', name: line.name, bytes: Uint8Array.from(Buffer.from(line.value, 'base64url')) }
      case 'room':
        return { type: 'room', room: line.room, epoch: line.epoch, trimmed: line.trimmed }
      case 'change':
      case 'message':
        return { type: 'changes', room: this.#room as RoomId, changes: [toChange(line)] }
      case 'marker':
        return { type: 'markers', markers: [toMarker(line)] }
      default:
        return { type: 'writes', writes: [toWrite(line)] }
    }
  }

  #wrong(problem: string): ArchiveError {
    return new ArchiveError(`line ${this.#number}: ${problem}`)
  }
}

/** Two parts as one, if they may be. */
function join(part: ArchivePart, next: ArchivePart): ArchivePart | undefined {
  if (part.type === 'changes' && next.type === 'changes')
    return { ...part, changes: [...part.changes, ...next.changes] }
  if (part.type === 'markers' && next.type === 'markers')
    return { ...part, markers: [...part.markers, ...next.markers] }
  if (part.type === 'writes' && next.type === 'writes') return { ...part, writes: [...part.writes, ...next.writes] }
  return undefined
}
