import { useLayoutEffect, useRef } from 'preact/hooks'
import type { JSX } from 'preact'
import type { ChatModel } from '../model/chat-model.ts'
import { ChatContext, useChat } from '../model/context.ts'
import { watchReading } from '../model/reading.ts'
import { Announcer } from './announcer.tsx'
import { Composer } from './composer.tsx'
import { Header } from './header.tsx'
import { Stage } from './stage.tsx'
import { TypingLine } from './typing-line.tsx'

/** The whole chat: a header, what was said, and where to say more. */
export function App({ chat }: { readonly chat: ChatModel }): JSX.Element {
  const box = useRef<HTMLElement>(null)
  // Ends as the chat is put away. A passive effect ends a frame later, and what came in between would be taken for read.
  useLayoutEffect(() => (box.current ? watchReading(chat.room, box.current) : undefined), [chat])
  return (
    <ChatContext.Provider value={chat}>
      <section
        ref={box}
        class="chat"
        part="chat"
        aria-label={`Chat: ${chat.room.room.name}`}
        onKeyDown={(event) => jumpOnEnd(event, chat)}
      >
        <Header />
        <Stage />
        <Foot />
        <Announcer />
      </section>
    </ChatContext.Provider>
  )
}

/** A room that cannot be shown takes no messages either. */
function Foot(): JSX.Element | null {
  if (useChat().room.state.value.status === 'failed') return null
  return (
    <footer class="foot">
      <TypingLine />
      <Composer />
    </footer>
  )
}

/** Anywhere but in a panel or in a text that is being written, End leads to the newest message. */
function jumpOnEnd({ key, target }: KeyboardEvent, { room }: ChatModel): void {
  const isTyping = (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) && target.value !== ''
  const isInPanel = target instanceof Element && target.closest('.popover') !== null
  if (key === 'End' && !isTyping && !isInPanel) room.showLatest()
}
