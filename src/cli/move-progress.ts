import type { MoveProgress } from '../index.ts'

/** Milliseconds between two lines. */
const INTERVAL_MS = 2_000

/** Tells on standard error how far a chat was moved, now and then. */
export function reportProgress(verb: 'exported' | 'imported'): (progress: MoveProgress) => void {
  let toldAt = performance.now()
  return (progress) => {
    if (performance.now() - toldAt < INTERVAL_MS) return
    toldAt = performance.now()
    tell(`${verb} ${describe(progress)} so far`)
  }
}

/** A line on standard error: what goes to standard output may be the chat itself. */
export function tell(text: string): void {
  process.stderr.write(`natter: ${text}\n`)
}

export function describe({ rooms, messages, bytes }: MoveProgress): string {
  const megabytes = (bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })
  return `${count(rooms, 'room')} and ${count(messages, 'message')} (${megabytes} MB)`
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
}
