import type { RoomId } from '../../protocol/ids.ts'
import type { Position } from '../../protocol/message.ts'
import type { RoomListener, Subscription } from '../backend.ts'
import type { RedisKeys } from './keys.ts'
import type { RedisLog } from './log.ts'
import { parseRoomEvent } from './room-event.ts'
import type { LinkedChange, RoomEvent } from './room-event.ts'
import { RoomFeed } from './room-feed.ts'
import { Semaphore } from './semaphore.ts'
import type { Subscriber } from './subscriber.ts'

/** Rooms compared by one command. */
const COMPARE_BATCH = 500

/**
 * Rooms whose log is read at a time. After an outage thousands may have something to read, and all at once they would keep Redis from
 * answering anything else, as one that is frozen does.
 */
const READS_AT_A_TIME = 50

/** Parts into which many open rooms are divided, one of them compared at a time: none waits for more than that many turns. */
const COMPARE_PARTS = 12

/** A room that somebody on this process listens to. */
interface OpenRoom {
  /** One entry per subscription, which may share a listener. */
  readonly listeners: Set<{ readonly listener: RoomListener }>
  /** Undefined until the channel is subscribed to and the head known. */
  feed: RoomFeed | undefined
  /** Published before that. */
  readonly early: LinkedChange[]
  readonly opened: Promise<RoomFeed>
  /** Subscriptions, those included that are still being made. */
  uses: number
}

interface LiveRoom {
  readonly id: RoomId
  readonly feed: RoomFeed
}

/** What is published in the rooms that are open on this process, and who here listens to it. */
export class RoomFeeds {
  readonly #log: RedisLog
  readonly #subscriber: Subscriber
  readonly #keys: RedisKeys
  readonly #gapMs: number
  readonly #rooms = new Map<RoomId, OpenRoom>()
  readonly #reads = new Semaphore(READS_AT_A_TIME)
  /** Of the rooms in their order: the next to be compared. */
  #turn = 0

  constructor(log: RedisLog, subscriber: Subscriber, keys: RedisKeys, gapMs: number) {
    this.#log = log
    this.#subscriber = subscriber
    this.#keys = keys
    this.#gapMs = gapMs
  }

  async subscribe(id: RoomId, listener: RoomListener): Promise<Subscription> {
    const room = this.#rooms.get(id) ?? this.#open(id)
    room.uses++
    const feed = await room.opened
    const entry = { listener }
    room.listeners.add(entry)
    return {
      head: feed.head,
      close: () => {
        if (room.listeners.delete(entry) && --room.uses === 0) this.#close(id, room)
      },
    }
  }

  /** Hands on what this process has just appended. Resolves once its listeners have all up to `position`. */
  async publish(id: RoomId, position: Position, linked: LinkedChange | undefined): Promise<void> {
    const room = this.#rooms.get(id)
    if (room && linked) tell(room, { type: 'change', linked })
    await room?.feed?.reached(position)
  }

  receive(payload: string, channel: string): void {
    const id = this.#keys.roomOf(channel)
    const room = id && this.#rooms.get(id)
    const event = room && parseRoomEvent(payload)
    if (event) tell(room, event)
  }

  /** Compares some of the open rooms with the log: all of them where they are few, and every one in its turn. */
  async compareSome(): Promise<void> {
    const count = Math.max(COMPARE_BATCH, Math.ceil(this.#rooms.size / COMPARE_PARTS))
    const live = this.#liveRooms()
    if (this.#turn >= live.length) this.#turn = 0
    const batch = live.slice(this.#turn, this.#turn + count)
    this.#turn += count
    await this.#compare(batch)
  }

  /** For when messages may have been lost, or the server is another. */
  async compareAll(): Promise<void> {
    const live = this.#liveRooms()
    for (let i = 0; i < live.length; i += COMPARE_BATCH) await this.#compare(live.slice(i, i + COMPARE_BATCH))
  }

  close(): void {
    for (const { feed } of this.#rooms.values()) feed?.close()
    this.#rooms.clear()
  }

  #liveRooms(): LiveRoom[] {
    return [...this.#rooms].flatMap(([id, { feed }]) => (feed ? { id, feed } : []))
  }

  async #compare(rooms: readonly LiveRoom[]): Promise<void> {
    if (rooms.length === 0) return
    const stood = rooms.map((room) => ({ ...room, at: room.feed.head }))
    const logged = await this.#log.heads(rooms.map(({ id }) => id))
    const compared = logged.map(async ({ head, isVoid }, index) => {
      const room = stood[index]
      if (!room) return
      if (!isVoid) return room.feed.compare(room.at, head)
      await this.#log.renew(room.id, head.epoch)
      await room.feed.readOn()
    })
    await Promise.all(compared)
  }

  #open(id: RoomId): OpenRoom {
    const early: LinkedChange[] = []
    const { promise: opened, resolve, reject } = Promise.withResolvers<RoomFeed>()
    const room: OpenRoom = { listeners: new Set(), feed: undefined, early, opened, uses: 0 }
    this.#rooms.set(id, room)
    this.#goLive(id, room).then(resolve, (error: Error) => {
      this.#close(id, room)
      reject(error)
    })
    return room
  }

  /** Subscribes before the head is read, so that no change falls in between. */
  async #goLive(id: RoomId, room: OpenRoom): Promise<RoomFeed> {
    await this.#subscriber.add(this.#keys.channel(id))
    const source = {
      read: (since: Position, limit: number) => this.#reads.run(() => this.#log.read(id, since, limit)),
      head: () => this.#log.head(id),
      reportLoss: (lost: Position['epoch']) => this.#log.reportLoss(id, lost),
    }
    room.feed = new RoomFeed(source, room.listeners, this.#gapMs, await this.#log.openRoom(id))
    for (const linked of room.early.splice(0)) room.feed.receive(linked)
    return room.feed
  }

  #close(id: RoomId, room: OpenRoom): void {
    room.feed?.close()
    if (this.#rooms.get(id) !== room) return
    this.#rooms.delete(id)
    this.#subscriber.remove(this.#keys.channel(id))
  }
}

function tell({ listeners, feed, early }: OpenRoom, event: RoomEvent): void {
  switch (event.type) {
    case 'change':
      if (feed) feed.receive(event.linked)
      else early.push(event.linked)
      return
    case 'epoch':
      void feed?.readOn()
      return
    case 'marker':
      for (const { listener } of listeners) listener.onMarker(event.user, event.seq)
      return
    case 'members':
      for (const { listener } of listeners) listener.onMembers()
      return
    case 'signal':
      for (const { listener } of listeners) listener.onSignal(event.payload)
      return
  }
}
