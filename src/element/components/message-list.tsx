import { Component, createRef } from 'preact'
import type { JSX, TargetedFocusEvent, TargetedKeyboardEvent } from 'preact'
import type { ChatModel } from '../model/chat-model.ts'
import { Beginning } from './beginning.tsx'
import { MessageRow } from './message-row.tsx'
import { keepOneStop, moveFocus } from './roving-focus.ts'
import { ScrollKeeper } from './scroll-keeper.ts'

interface Props {
  readonly chat: ChatModel
}

/** The messages, and what keeps the view steady while they change. A class, for the moment before the document changes. */
export class MessageList extends Component<Props> {
  readonly #scroller = createRef<HTMLDivElement>()
  readonly #list = createRef<HTMLUListElement>()
  #keeper: ScrollKeeper | undefined

  override componentDidMount(): void {
    if (!this.#scroller.current || !this.#list.current) return
    this.#keeper = new ScrollKeeper(this.#scroller.current, this.#list.current, this.props.chat.room)
    this.componentDidUpdate()
  }

  override getSnapshotBeforeUpdate(): null {
    this.#keeper?.capture()
    return null
  }

  override componentDidUpdate(): void {
    this.#keeper?.restore()
    if (this.#list.current) keepOneStop(this.#list.current, null)
  }

  override componentWillUnmount(): void {
    this.#keeper?.close()
  }

  override render({ chat: { room } }: Props): JSX.Element {
    // Read so that a new target is a reason to draw again, and with that to scroll.
    void room.target.value
    return (
      <div class="scroller" part="messages" ref={this.#scroller}>
        <div class="messages">
          {room.hasBeginning.value && <Beginning />}
          <ul
            class="list"
            role="list"
            aria-label="Messages"
            ref={this.#list}
            onKeyDown={this.#onKeyDown}
            onFocusIn={this.#onFocusIn}
          >
            {room.rows.value.map((row) => (
              <MessageRow key={row.message.uid} row={row} />
            ))}
          </ul>
        </div>
      </div>
    )
  }

  readonly #onFocusIn = ({ currentTarget, target }: TargetedFocusEvent<HTMLUListElement>): void => {
    keepOneStop(currentTarget, target)
  }

  readonly #onKeyDown = (event: TargetedKeyboardEvent<HTMLUListElement>): void => {
    const row = event.target instanceof HTMLElement ? event.target : undefined
    const uid = row?.dataset['uid']
    if (event.key === 'Enter' && row && uid !== undefined) {
      this.props.chat.overlay.value = { kind: 'menu', anchor: row, uid }
    } else if (!moveFocus(event.currentTarget, event)) {
      return
    }
    event.preventDefault()
  }
}
