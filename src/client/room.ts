import type { JoinedEvent, ResetReason, ServerEvent } from '../protocol/events.ts'
import type { Key, MessageId, RoomId, Seq } from '../protocol/ids.ts'
import type { Message, Position } from '../protocol/message.ts'
import { revisionOf } from '../protocol/message.ts'
import type { Connection, Request } from './connection.ts'
import { Emitter } from './emitter.ts'
import type { ClientEnvironment } from './environment.ts'
import { Membership } from './membership.ts'
import type { Outbox } from './outbox.ts'
import { PageLoader } from './page-loader.ts'
import { ReadMarker } from './read-marker.ts'
import { RoomPresenter } from './room-presenter.ts'
import type { Presence } from './room-presenter.ts'
import type { RoomQueue } from './room-queue.ts'
import type { Session } from './session.ts'
import { uidOf } from './shown.ts'
import { checkText } from './text.ts'
import { Timeline } from './timeline.ts'
import type { Room, RoomEvents, RoomState, Sending, Unsubscribe } from './types.ts'
import { Typing } from './typing.ts'

export interface RoomHost {
  readonly environment: ClientEnvironment
  readonly session: Session
  readonly connection: Connection
  readonly outbox: Outbox
  makeKey(): Key
  /** The room was left. */
  forget(room: LiveRoom): void
}

/** What the application and the connection see of a room: its parts do the work. */
export class LiveRoom implements Room {
  readonly name: RoomId
  readonly #host: RoomHost
  readonly #emitter = new Emitter<RoomEvents>()
  readonly #updates = new Emitter<{ update: () => void }>()
  readonly #membership: Membership
  readonly #timeline = new Timeline()
  readonly #queue: RoomQueue
  readonly #loader: PageLoader
  readonly #marker: ReadMarker
  readonly #typing: Typing
  readonly #presenter: RoomPresenter
  #presence: Presence = { count: 0, members: undefined }
  #state: RoomState | undefined
  #isUpdateDue = false
  /** The uids of what the log held before it was reset: whoever wrote that offers it again, and it is no news then. */
  #knownBeforeReset: ReadonlySet<string> = new Set()

  constructor(name: RoomId, host: RoomHost) {
    const { environment, session, connection } = host
    const room = name
    const onChange = (): void => this.#changed()
    this.name = name
    this.#host = host
    this.#membership = new Membership(name, connection, environment, {
      onFresh: (page, reason) => this.#startOver(page, reason),
      onChanged: (messages, after, live) => this.#apply(messages, after, live),
      onJoined: (joined) => this.#joined(joined),
      onRefused: () => this.#queue.open(),
      onStatus: onChange,
    })
    this.#queue = host.outbox.show(name, {
      onChange: () => this.#queueChanged(),
      onRefused: (refusal) => this.#emitter.emit('refused', refusal),
      onAdopted: () => this.#recognise(this.#timeline.messages),
    })
    this.#loader = new PageLoader({
      room,
      timeline: this.#timeline,
      connection,
      environment,
      onPage: (messages) => this.#recognise(messages),
      onChange,
    })
    this.#marker = new ReadMarker((seq, onAnswer) => connection.request({ type: 'read', room, seq }, onAnswer))
    this.#typing = new Typing(environment, onChange)
    this.#presenter = new RoomPresenter(
      {
        timeline: this.#timeline,
        queue: this.#queue,
        loader: this.#loader,
        marker: this.#marker,
        typing: this.#typing,
      },
      session,
    )
  }

  get state(): RoomState {
    return (this.#state ??= this.#presenter.present(this.#membership.status, this.#presence))
  }

  subscribe(listener: () => void): Unsubscribe {
    return this.#updates.on('update', listener)
  }

  on<Name extends keyof RoomEvents>(name: Name, listener: RoomEvents[Name]): Unsubscribe {
    return this.#emitter.on(name, listener)
  }

  post(text: string, { replyTo }: { readonly replyTo?: MessageId | undefined } = {}): Sending {
    checkText(text, this.#host.session.limits)
    this.#typing.ended()
    return this.#queue.add({ type: 'post', ...this.#newWrite(), text, replyTo })
  }

  edit(messageId: MessageId, text: string): Sending {
    checkText(text, this.#host.session.limits)
    return this.#queue.add({ type: 'edit', ...this.#newWrite(), messageId, text })
  }

  delete(messageId: MessageId): Sending {
    return this.#queue.add({ type: 'delete', ...this.#newWrite(), messageId })
  }

  react(messageId: MessageId, emoji: string, on: boolean): Sending {
    return this.#queue.add({ type: 'react', ...this.#newWrite(), messageId, emoji, on })
  }

  retry(key: Key): void {
    this.#queue.retry(key)
  }

  discard(key: Key): void {
    this.#queue.discard(key)
  }

  setTyping(on: boolean): void {
    if (this.#membership.status.status !== 'live' || !this.#typing.shouldSay(on)) return
    this.#host.connection.request({ type: 'typing', room: this.name, on }, () => {})
  }

  markRead(seq: Seq = this.#timeline.latestSeq): void {
    this.#marker.advance(seq)
    this.#changed()
  }

  loadOlder(): Promise<boolean> {
    return this.#loader.load('older')
  }

  loadNewer(): Promise<boolean> {
    return this.#loader.load('newer')
  }

  loadAround(message: MessageId | Seq): Promise<boolean> {
    return this.#loader.load('around', message)
  }

  loadLatest(): void {
    this.#loader.cancel()
    this.#timeline.showLatest()
    this.#changed()
  }

  leave(): void {
    if (this.#membership.status.status === 'left') return
    this.#membership.leave()
    this.lost()
    this.#loader.cancel()
    this.#host.outbox.unshow(this.#queue)
    this.#host.forget(this)
  }

  // What follows is for the connection.

  connected(): void {
    this.#membership.join()
  }

  lost(): void {
    this.#membership.lost()
    this.#loader.close()
    this.#marker.close()
    this.#typing.clear()
    this.#changed()
  }

  /** The user is another one, who may see other things. */
  startAnew(): void {
    this.#membership.reset()
    this.#timeline.reset({ messages: [], hasOlder: false })
    this.#changed()
  }

  /** A harmless request. */
  probe(): Request {
    return { type: 'read', room: this.name, seq: this.#marker.seq }
  }

  compare(head: Position | undefined): void {
    this.#membership.compare(head)
  }

  receive(event: ServerEvent): void {
    switch (event.type) {
      case 'change':
      case 'changes':
        return this.#membership.receive(event)
      case 'reset':
        return this.#membership.resetBy(event.reason)
      case 'removed':
        this.lost()
        return this.#membership.fail(event.code, event.message)
      case 'typing':
        if (event.user.id !== this.#host.session.user?.id) this.#typing.heard(event.user, event.on)
        return
      case 'presence':
        this.#presence = { title: this.#presence.title, count: event.count, members: event.members }
        return this.#changed()
      case 'read':
        this.#marker.heard(event.seq)
        return this.#changed()
      default:
    }
  }

  #joined({ title, readSeq, resumed, count, members }: JoinedEvent): void {
    this.#marker.open(readSeq, !resumed)
    this.#presence = { title, count, members }
    this.#queue.open()
    this.#loader.open()
    this.#queueChanged()
  }

  #startOver({ messages, hasOlder = false }: JoinedEvent, reason: ResetReason | undefined): void {
    const { newest, latestSeq } = this.#timeline
    this.#timeline.reset({ messages, hasOlder })
    if (reason !== undefined) {
      this.#knownBeforeReset = new Set(newest.messages.map(uidOf))
      // What retention removed was meant to go.
      if (reason !== 'trimmed') this.#queue.reofferRecent()
      this.#emitter.emit('reset', reason)
    }
    this.#findOwn(messages)
    // Where only old entries were removed from the log, what is new is known.
    const news = reason === 'trimmed' ? messages.filter(({ seq }) => seq > latestSeq) : []
    this.#announce(news, false)
  }

  #apply(messages: readonly Message[], after: Seq, live: boolean): void {
    this.#timeline.apply(messages, after)
    this.#findOwn(messages)
    this.#queueChanged()
    const posted = messages.filter(({ seq }) => seq > after).toSorted((a, b) => a.seq - b.seq)
    this.#announce(posted, live)
    for (const message of messages.toSorted((a, b) => revisionOf(a) - revisionOf(b))) {
      this.#emitter.emit('change', this.#presenter.show(message), { live })
    }
  }

  #announce(posted: readonly Message[], live: boolean): void {
    for (const message of posted) {
      this.#typing.heard(message.author, false)
      if (message.deletedAt !== undefined || this.#knownBeforeReset.has(uidOf(message))) continue
      this.#emitter.emit('message', this.#presenter.show(message), { live })
    }
  }

  /** Writes that wait here may be in what the log has said already. */
  #recognise(messages: readonly Message[]): void {
    this.#findOwn(messages)
    this.#queueChanged()
  }

  #findOwn(messages: readonly Message[]): void {
    const { user } = this.#host.session
    for (const message of messages.toSorted((a, b) => a.seq - b.seq)) {
      if (message.author.id === user?.id) this.#queue.seen(message)
    }
  }

  #queueChanged(): void {
    this.#queue.settle(this.#membership.appliedSeq)
    this.#presenter.queueChanged()
    this.#changed()
  }

  /** Whoever shows the room is told once per turn of the event loop. */
  #changed(): void {
    this.#state = undefined
    if (this.#isUpdateDue) return
    this.#isUpdateDue = true
    queueMicrotask(() => {
      this.#isUpdateDue = false
      this.#updates.emit('update')
    })
  }

  #newWrite(): { readonly room: RoomId; readonly key: Key } {
    return { room: this.name, key: this.#host.makeKey() }
  }
}
