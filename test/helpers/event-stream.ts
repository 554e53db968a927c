import type { ServerEvent } from '../../src/protocol/events.ts'

/** One server-sent event, as a browser hands it to a page. */
export interface StreamedEvent {
  /** The id that the reader names when it comes back: of this event, or the last before it that had one. */
  readonly lastEventId: string
  readonly data: ServerEvent
}

/** Reads lines of server-sent events (WHATWG HTML, section 9.2.6), as far as a chat writes them. */
export class EventStreamParser {
  lastEventId = ''
  /** Milliseconds after which the reader is to come back. */
  retryMs: number | undefined
  comments = 0
  #data: string | undefined

  /** Takes one line without its end; returns the event that it completes. */
  read(line: string): StreamedEvent | undefined {
    if (line === '') return this.#dispatch()
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (field === '') this.comments++
    else if (field === 'id') this.lastEventId = value
    else if (field === 'retry') this.retryMs = Number(value)
    else if (field === 'data') this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
    else throw new Error(`a chat writes no field "${field}"`)
    return undefined
  }

  #dispatch(): StreamedEvent | undefined {
    const data = this.#data
    this.#data = undefined
    return data === undefined ? undefined : { lastEventId: this.lastEventId, data: JSON.parse(data) as ServerEvent }
  }
}

/** All events in those lines. */
export function parseEventStream(lines: readonly string[]): StreamedEvent[] {
  const parser = new EventStreamParser()
  return lines.map((line) => parser.read(line)).filter((event) => event !== undefined)
}
