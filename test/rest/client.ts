import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { ServerEvent } from '../../src/protocol/events.ts'
import type { Message, Position } from '../../src/protocol/message.ts'
import { EventStreamParser } from '../helpers/event-stream.ts'
import type { StreamedEvent } from '../helpers/event-stream.ts'

export interface Stored {
  readonly room: string
  readonly position: Position
  readonly messageId: string
  readonly guestToken?: string
}

export interface Page {
  readonly room: string
  readonly position: Position
  readonly hasOlder: boolean
  readonly hasNewer: boolean
  readonly messages: readonly Message[]
}

export interface Refused {
  readonly error: { readonly code: string; readonly message: string; readonly retryAfterMs?: number }
}

export interface Answer<Body> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

/** A request with a JSON body, or none, answered with JSON. */
export async function ask<Body>(
  url: string,
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' = 'GET',
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Body>> {
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  assert.equal(response.headers.get('Content-Type'), 'application/json')
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body }
}

/** Asserts that a request is refused with that status and code. */
export async function assertRefused(
  [status, code]: readonly [number, string],
  asking: Promise<Answer<unknown>>,
): Promise<Answer<Refused>> {
  const answer = (await asking) as Answer<Refused>
  assert.deepEqual([answer.status, answer.body.error?.code], [status, code], JSON.stringify(answer.body))
  return answer
}

/** A stream of server-sent events, read one after another. Broken off after the test. */
export class EventReader {
  readonly response: Response
  readonly #chunks: AsyncIterator<string>
  readonly #parser = new EventStreamParser()
  #lines: string[] = []
  #rest = ''

  private constructor(response: Response) {
    this.response = response
    assert.ok(response.body)
    this.#chunks = response.body.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]()
  }

  static async open(t: TestContext, url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventReader> {
    const aborter = new AbortController()
    t.after(() => aborter.abort())
    const response = await fetch(url, { headers, signal: aborter.signal })
    assert.equal(response.status, 200, await (response.ok ? '' : response.text()))
    return new EventReader(response)
  }

  get lastEventId(): string {
    return this.#parser.lastEventId
  }

  get retryMs(): number | undefined {
    return this.#parser.retryMs
  }

  /** The next event; rejects where the stream ends without one. */
  async next(): Promise<StreamedEvent> {
    for (;;) {
      const line = this.#lines.shift()
      const event = line === undefined ? undefined : this.#parser.read(line)
      if (event) return event
      if (line === undefined && !(await this.#more())) throw new Error('the stream ended')
    }
  }

  /** The next event of that type. */
  async nextOf<T extends ServerEvent['type']>(type: T): Promise<Extract<ServerEvent, { type: T }>> {
    for (;;) {
      const { data } = await this.next()
      if (data.type === type) return data as Extract<ServerEvent, { type: T }>
    }
  }

  /** Reads to the end of the stream. */
  async ended(): Promise<void> {
    while (await this.#more());
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next()
    if (done) return false
    const lines = (this.#rest + value).split('\n')
    this.#rest = lines.pop() ?? ''
    this.#lines.push(...lines)
    return true
  }
}
