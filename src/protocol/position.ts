import type { Epoch, Seq, Tag } from './ids.ts'
import type { Position } from './message.ts'

/** Epochs and tags are made of these characters, so that colons part them. */
const POSITION_TEXT = /^([\w-]{1,64}):(\d{1,15}):([\w-]{0,64})$/

/** A position in one word, `epoch:seq:tag`, as it stands in a URL and names an event of a stream. */
export function formatPosition({ epoch, seq, tag }: Position): string {
  return `${epoch}:${seq}:${tag}`
}

/** The position that `text` is; undefined where it is none. */
export function parsePosition(text: string): Position | undefined {
  const [, epoch, seq, tag] = POSITION_TEXT.exec(text) ?? []
  if (epoch === undefined || seq === undefined || tag === undefined) return undefined
  return { epoch: epoch as Epoch, seq: Number(seq) as Seq, tag: tag as Tag }
}
