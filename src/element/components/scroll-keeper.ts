import type { RoomModel, ScrollTarget } from '../model/room-model.ts'

/** Pixels from the end within which the reader is taken to be at it. */
const END_PX = 100

/**
 * Keeps the view where the reader left it: at the end while they follow the newest messages, else with the same row at the
 * same height, whatever comes, goes or grows around it. The browser's own scroll anchoring is off: it does neither at the
 * top of the list, and Safari has none.
 */
export class ScrollKeeper {
  readonly #scroller: HTMLElement
  readonly #list: HTMLElement
  readonly #room: RoomModel
  readonly #resizing: ResizeObserver
  /** Where this left the scroller: a scroll event that finds it there tells nothing new about the reader. */
  #leftAt = -1
  #anchor: { readonly row: Element; readonly top: number } | undefined

  constructor(scroller: HTMLElement, list: HTMLElement, room: RoomModel) {
    this.#scroller = scroller
    this.#list = list
    this.#room = room
    // Called between layout and paint: a row that grew by itself (a reaction, an edit, another font) is put right unseen.
    this.#resizing = new ResizeObserver(() => this.restore())
    this.#resizing.observe(scroller)
    this.#resizing.observe(list.parentElement ?? list)
    scroller.addEventListener('scroll', this.#onScroll, { passive: true })
    room.keepPlace = () => this.restore()
  }

  /** Notes where the reader is. To be called before the rows change. */
  capture(): void {
    // The event of a scroll comes a frame after it: what is drawn in between must not take it back.
    this.#noteScroll()
    const row = this.#firstVisibleRow()
    this.#anchor = row && { row, top: this.#topOf(row) }
  }

  /** Puts the view back to where the reader was, or to where the room wants it. To be called after the rows changed. */
  restore(): void {
    const target = this.#room.target.peek()
    if (target) this.#goTo(target)
    else if (this.#room.following.peek()) this.#goToEnd()
    else if (this.#anchor?.row.isConnected) this.#scroller.scrollTop += this.#topOf(this.#anchor.row) - this.#anchor.top
    this.#leftAt = this.#scroller.scrollTop
    this.#observe()
  }

  close(): void {
    this.#resizing.disconnect()
    this.#room.keepPlace = () => {}
    this.#scroller.removeEventListener('scroll', this.#onScroll)
  }

  readonly #onScroll = (): void => {
    if (this.#scroller.clientHeight > 0 && this.#scroller.scrollTop !== this.#leftAt) this.#observe()
  }

  #noteScroll(): void {
    // A box without height is hidden or not laid out yet.
    if (this.#scroller.clientHeight === 0 || this.#scroller.scrollTop === this.#leftAt) return
    this.#room.following.value = this.#room.hasEnd.peek() && this.#distanceToEnd() <= END_PX
    this.#leftAt = this.#scroller.scrollTop
  }

  #observe(): void {
    this.capture()
    const reach = this.#scroller.clientHeight
    if (reach === 0) return
    if (this.#scroller.scrollTop < reach) this.#room.wantOlder()
    if (this.#distanceToEnd() < reach) this.#room.wantNewer()
  }

  #goTo(target: ScrollTarget): void {
    const row = this.#findRow(target)
    if (target.to !== 'end' && row) {
      row.scrollIntoView({ block: target.to === 'unread' ? 'start' : 'center' })
      this.#room.following.value = this.#room.hasEnd.value && this.#distanceToEnd() <= END_PX
    } else {
      this.#goToEnd()
    }
    this.#room.target.value = undefined
  }

  #findRow(target: ScrollTarget): Element | null | undefined {
    if (target.to === 'unread') return this.#list.querySelector('.unread')
    if (target.to === 'row') return this.#list.querySelector(`[data-uid="${CSS.escape(target.uid)}"]`)
    return undefined
  }

  #goToEnd(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight
  }

  #distanceToEnd(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller
    return scrollHeight - scrollTop - clientHeight
  }

  /** By halves: the rows stand in order, and there may be hundreds. */
  #firstVisibleRow(): Element | undefined {
    const rows = this.#list.children
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >> 1
      const row = rows[middle]
      if (row && row.getBoundingClientRect().bottom > this.#scroller.getBoundingClientRect().top) high = middle
      else low = middle + 1
    }
    return rows[low]
  }

  #topOf(row: Element): number {
    return row.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top
  }
}
