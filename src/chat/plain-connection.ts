import * as z from 'zod'
import { CLOSE } from '../protocol/close.ts'
import { ChatError } from '../protocol/errors.ts'
import { LOBBY } from '../protocol/ids.ts'
import type { Key, UserId } from '../protocol/ids.ts'
import { MAX_BAD_FRAMES } from '../protocol/limits.ts'
import { BaseConnection } from './base-connection.ts'
import type { ConnectionHandle } from './chat.ts'
import type { ChatContext } from './context.ts'
import { Inbox } from './inbox.ts'
import { submitPost } from './posting.ts'
import type { ReaderOwner, RoomReader } from './reader.ts'
import { Speaker } from './speaker.ts'
import { parseName } from './text.ts'
import { TokenBucket } from './token-bucket.ts'
import type { Peer, Transport } from './transport.ts'
import { post, reportStored } from './writes.ts'
import type { Stored } from './writes.ts'

const WHAT_TO_SEND = 'send {"handle":"…","text":"…"}, both strings that are not empty'

const wellFormed = z.string().refine((value) => value.isWellFormed() && !value.includes('\0'))
const plainMessage = z.object({ handle: wellFormed, text: wellFormed })

/** One peer that speaks the dialect of the 2013 demo, in the lobby, under a handle it chooses anew with each message. */
export class PlainConnection extends BaseConnection implements ConnectionHandle, ReaderOwner {
  readonly dialect = 'plain'
  readonly user = undefined
  readonly speaker = undefined
  readonly owesHello = false
  readonly isLateWithHello = false
  readonly expiresAt = undefined
  heardAt = this.openedAt
  readonly #id: UserId
  readonly #inbox: Inbox
  readonly #writes: TokenBucket
  #reader: RoomReader | undefined
  #badFrames = 0

  constructor(context: ChatContext, transport: Transport, peer: Peer) {
    super(context, transport, peer)
    this.#id = `p_${context.random.text(14)}` as UserId
    this.#inbox = new Inbox(this.link, (frame) => this.#process(frame))
    this.#writes = new TokenBucket(context.options.writeRate, this.openedAt)
    void this.#enterLobby()
  }

  get reading(): readonly RoomReader[] {
    return this.#reader ? [this.#reader] : []
  }

  receive(frame: string): void {
    this.heard()
    this.#inbox.receive(frame)
  }

  heard(): void {
    this.heardAt = this.context.options.environment.monotonicNow()
  }

  drained(): void {
    this.link.drained()
    if (this.#reader) this.context.pump.flush(this.#reader.fanOut, this.#reader)
    this.#inbox.resume()
  }

  /** The dialect has no word for a log that became another one; its clients just hear what comes next. */
  onReset(reader: RoomReader): void {
    reader.room.leave(reader)
    void this.#enterLobby()
  }

  onRemoved(): void {
    this.end(CLOSE.forbidden)
  }

  sendHeartbeat(): void {
    this.link.ping()
  }

  stopReading(): void {
    this.#inbox.close()
  }

  /** The dialect has no word for it; the close code says it. */
  sendGoodbye(): void {}

  #process(frame: string): Promise<void> | undefined {
    try {
      const { options, random, inFlight, reviews } = this.context
      const retryAfterMs = this.#writes.take(options.environment.monotonicNow())
      this.#badFrames++
      const { handle, text } = parsePlain(frame)
      this.#badFrames = 0
      if (retryAfterMs > 0)
        throw new ChatError('rate_limited', `too much at once; wait ${Math.ceil(retryAfterMs / 1000)} s`)
      const author = { id: this.#id, name: parseName(handle, options.limits.nameCodePoints) }
      const asked = { room: LOBBY, key: random.text(22) as Key, text }
      if (!reviews.areAsked) void inFlight.track(this.#report(post(this.context, author, asked)))
      // The next one waits, so that they keep their order however long the app looks at each.
      else
        return inFlight.track(
          this.#report(submitPost(this.context, new Speaker({ user: author, appUser: author }), asked)),
        )
    } catch (error) {
      this.#refuse(error)
      if (this.#badFrames >= MAX_BAD_FRAMES) this.end(CLOSE.policyViolation)
    }
    return undefined
  }

  async #report(storing: Promise<Stored>): Promise<void> {
    const { environment } = this.context.options
    const since = environment.monotonicNow()
    try {
      const stored = await storing
      reportStored(this.context, this.peer, 'post', LOBBY, stored, environment.monotonicNow() - since)
    } catch (error) {
      this.#refuse(error)
    }
  }

  #refuse(error: unknown): void {
    const { code, message } = this.context.faults.refusalOf(error, { stage: 'posting a plain message' })
    this.context.options.observer.onRefuse(this.peer, code)
    this.link.send(JSON.stringify({ error: message }))
  }

  async #enterLobby(): Promise<void> {
    try {
      const room = await this.context.rooms.open(LOBBY)
      if (!this.link.isOpen) return
      this.#reader = room.enter(this, 'plain')
      room.catchUp(this.#reader, room.head)
    } catch (error) {
      this.context.faults.refusalOf(error, { stage: 'entering the lobby' })
      this.end(CLOSE.internalError)
    }
  }

  protected letGo(): void {
    this.#inbox.close()
    if (this.#reader) this.#reader.room.leave(this.#reader)
    this.#reader = undefined
  }
}

function parsePlain(frame: string): z.infer<typeof plainMessage> {
  let value: unknown
  try {
    value = JSON.parse(frame)
  } catch (cause) {
    throw new ChatError('bad_json', WHAT_TO_SEND, { cause })
  }
  const result = plainMessage.safeParse(value)
  if (!result.success) throw new ChatError('bad_command', WHAT_TO_SEND)
  return result.data
}
