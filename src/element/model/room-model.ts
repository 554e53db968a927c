import { batch, computed, effect, signal } from '@preact/signals'
import type { ReadonlySignal, Signal } from '@preact/signals'
import type { Refusal, Room, RoomState, StoredMessage, TimelineMessage } from '../../client/types.ts'
import type { Seq } from '../../protocol/ids.ts'
import { toRows } from './rows.ts'
import type { Row } from './rows.ts'
import { firstShown, growNewer, growOlder, keepSpan, latestSpan, spanAround } from './span.ts'
import type { Span } from './span.ts'
import type { Memory } from './storage.ts'

/** Milliseconds that a complaint stays. */
const COMPLAINT_MS = 8_000

/** Where the list is to be scrolled to once it is drawn. */
export type ScrollTarget =
  { readonly to: 'end' } | { readonly to: 'unread' } | { readonly to: 'row'; readonly uid: string }

/** `isPartial`: there may be more than were counted. */
export interface Unread {
  readonly count: number
  readonly isPartial: boolean
}

const NOTHING_UNREAD: Unread = { count: 0, isPartial: false }

interface Shown {
  readonly state: RoomState
  readonly span: Span
}

/** One open room as the screen shows it: the SDK's state, the part of it that is in the document, and what the user is about. */
export class RoomModel {
  readonly state: ReadonlySignal<RoomState>
  readonly rows: ReadonlySignal<readonly Row[]>
  /** Whether the rows reach back to the room's first message. */
  readonly hasBeginning: ReadonlySignal<boolean>
  /** Whether the rows reach the room's newest message. */
  readonly hasEnd: ReadonlySignal<boolean>
  /** Whether the newest message is in view and new ones keep it so. The list says. */
  readonly following = signal(true)
  /** Messages by others that came while not following. */
  readonly missed = signal(0)
  /** Whether the place to open at is still being loaded. */
  readonly isLanding = signal(false)
  readonly target = signal<ScrollTarget | undefined>({ to: 'end' })
  /** The uid of the message that is being edited in its row. */
  readonly editing = signal<string | undefined>(undefined)
  readonly draft = signal('')
  /** What was refused just now of what leaves no trace in the list; undefined again after some seconds. */
  readonly complaint = signal<string | undefined>(undefined)
  /** How many messages by others the user has not read. */
  readonly unread: ReadonlySignal<Unread>

  readonly #room: Room
  readonly #shown: Signal<Shown>
  readonly #unreadFrom = signal<Seq | undefined>(undefined)
  readonly #disposers: (() => void)[]
  #complaintTimer: ReturnType<typeof setTimeout> | undefined
  /** The newest seq when the room was opened, once it is known. */
  #openedAt: Seq | undefined

  constructor(room: Room, memory: Memory) {
    this.#room = room
    const shown = signal<Shown>({ state: room.state, span: latestSpan(room.state) })
    this.#shown = shown
    this.state = computed(() => shown.value.state)
    this.hasBeginning = computed(() => !shown.value.state.hasOlder && shown.value.span.start === 0)
    this.hasEnd = computed(
      () => !shown.value.state.hasNewer && shown.value.span.end === shown.value.state.messages.length,
    )
    this.unread = computed(() => this.#countUnread(shown.value.state))
    let rows: readonly Row[] = []
    this.rows = computed(
      () => (rows = toRows(shown.value.state.messages, shown.value.span, this.#unreadFrom.value, rows)),
    )

    const draftName = `draft:${room.name}`
    this.draft.value = memory.read(draftName) ?? ''
    this.#disposers = [
      room.subscribe(() => this.#refresh()),
      room.on('message', (message) => this.#count(message)),
      room.on('refused', (refusal) => this.#complain(refusal)),
      memory.watchAll((name, text = '') => {
        if (name === draftName) this.draft.value = text
      }),
      effect(() => memory.write(draftName, this.draft.value)),
      effect(() => {
        if (this.following.value) this.missed.value = 0
      }),
    ]
    if (room.state.status === 'live') this.land()
  }

  get room(): Room {
    return this.#room
  }

  /**
   * Sends what the user wrote in the box, and empties that.
   *
   * @throws {ChatError} where the server would never take the text.
   */
  send(text: string): void {
    this.#room.post(text)
    this.draft.value = ''
    this.showLatest()
  }

  findMessage(uid: string): TimelineMessage | undefined {
    return this.state.value.messages.find((message) => message.uid === uid)
  }

  /** Opens the user's newest message that can be edited; returns whether there is one. */
  editLast(): boolean {
    if (this.#room.state.hasNewer) this.showLatest()
    const last = this.state.value.messages.findLast(isEditable)
    if (last) this.edit(last.uid)
    return last !== undefined
  }

  edit(uid: string): void {
    const { state, span } = this.#shown.value
    const index = state.messages.findIndex((message) => message.uid === uid)
    if (index < 0) return
    batch(() => {
      if (index < span.start || index >= span.end) {
        this.#shown.value = { state, span: spanAround(index, state) }
        this.target.value = { to: 'row', uid }
      }
      this.editing.value = uid
    })
  }

  /** Asks for rows before the first one, from memory or from the server. Cheap where there are none to have or some are coming. */
  wantOlder(): void {
    const { state, span } = this.#shown.value
    if (span.start > firstShown(state)) this.#shown.value = { state, span: growOlder(span, state) }
    else if (state.hasOlder && !state.loading) void this.#room.loadOlder()
  }

  wantNewer(): void {
    const { state, span } = this.#shown.value
    if (span.end < state.messages.length) this.#shown.value = { state, span: growNewer(span, state) }
    else if (state.hasNewer && !state.loading) void this.#room.loadNewer()
  }

  /** Goes to the newest message, wherever the reader is. */
  showLatest(): void {
    if (this.#room.state.hasNewer) this.#room.loadLatest()
    const state = this.#room.state
    batch(() => {
      const { span } = this.#shown.value
      const isShown = this.#shown.value.state === state && span.end === state.messages.length
      if (!isShown) this.#shown.value = { state, span: latestSpan(state) }
      this.following.value = true
      this.target.value = { to: 'end' }
    })
  }

  /** Goes to the first unread message, loading it where it is far back, else to the newest. */
  land(): void {
    const { readSeq, unread, unreadIsPartial } = this.#room.state
    if (readSeq > 0 && unreadIsPartial) void this.#landBeyond(readSeq)
    else if (readSeq === 0 || unread === 0 || !this.#landOnUnread()) this.showLatest()
  }

  markRead(): void {
    const { status, unread } = this.#room.state
    if (status === 'live' && unread > 0) this.#room.markRead()
  }

  /** Told by the list how to put the view back where it was: an element that is moved in the document loses that. */
  keepPlace = (): void => {}

  dispose(): void {
    clearTimeout(this.#complaintTimer)
    for (const dispose of this.#disposers) dispose()
  }

  #refresh(): void {
    const { state: before, span } = this.#shown.value
    const state = this.#room.state
    const isFirst = before.status === 'joining' && state.status === 'live'
    batch(() => {
      this.#shown.value = {
        state,
        span: isFirst ? latestSpan(state) : keepSpan(span, before, state, this.following.value),
      }
      if (isFirst) this.land()
    })
  }

  /** Shows the first of the unread messages, loaded by now, under the New line. Returns whether there is one. */
  #landOnUnread(): boolean {
    const state = this.#room.state
    const index = state.messages.findIndex(({ seq, mine }) => seq !== undefined && seq > state.readSeq && !mine)
    const first = state.messages[index]
    if (!first) return false
    batch(() => {
      const { span } = this.#shown.value
      const isShown = this.#shown.value.state === state && index >= span.start && index < span.end
      if (!isShown) this.#shown.value = { state, span: spanAround(index, state) }
      this.#unreadFrom.value = first.seq
      // Until the list has drawn it nobody has read what comes after.
      this.following.value = false
      this.target.value = { to: 'unread' }
    })
    return true
  }

  async #landBeyond(readSeq: Seq): Promise<void> {
    this.following.value = false
    this.isLanding.value = true
    const isLoaded = await this.#room.loadAround((readSeq + 1) as Seq)
    batch(() => {
      this.isLanding.value = false
      // Whoever sent something meanwhile is at the end already.
      if (this.following.value || (isLoaded && this.#landOnUnread())) return
      this.showLatest()
    })
  }

  #countUnread({ status, messages, latestSeq, readSeq, unread, unreadIsPartial }: RoomState): Unread {
    if (status === 'joining') return NOTHING_UNREAD
    this.#openedAt ??= latestSeq
    if (readSeq > 0) return { count: unread, isPartial: unreadIsPartial }
    // To who was never here before, what was said before they came is no news.
    const openedAt = this.#openedAt
    const news = messages.filter(({ seq = 0, mine, deletedAt }) => seq > openedAt && !mine && deletedAt === undefined)
    return { count: news.length, isPartial: false }
  }

  /** Refused posts and edits say so in their place. */
  #complain({ kind, message }: Refusal): void {
    if (kind !== 'react' && kind !== 'delete') return
    const what = kind === 'react' ? 'Your reaction was not stored' : 'The message was not deleted'
    this.complaint.value = `${what}: ${message}.`
    clearTimeout(this.#complaintTimer)
    this.#complaintTimer = setTimeout(() => (this.complaint.value = undefined), COMPLAINT_MS)
  }

  #count({ mine }: StoredMessage): void {
    if (!mine && !this.following.value) this.missed.value += 1
  }
}

/** Whether the user may change what `message` says. */
export function isEditable(message: TimelineMessage): message is StoredMessage {
  return message.mine && message.id !== undefined && message.deletedAt === undefined
}
