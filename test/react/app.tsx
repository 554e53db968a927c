/** @jsxImportSource react */
import { StrictMode, useRef, useState } from 'react'
import type { JSX } from 'react'
import { createRoot } from 'react-dom/client'
import type { NatterChat as NatterChatElement } from '../../src/element.ts'
import { NatterChat, useChatClient, useConnection, useRoom } from '../../src/react.ts'

// An app of React as somebody would write it, for the tests to drive. The address of the chat is in the page's.
const url = new URLSearchParams(location.search).get('chat') ?? ''

function App(): JSX.Element {
  const [isOpen, setOpen] = useState(true)
  const [heard, setHeard] = useState<readonly string[]>([])
  return (
    <main>
      <button onClick={() => setOpen(!isOpen)}>{isOpen ? 'Close the shop' : 'Open the shop'}</button>
      {isOpen && <Shop onHear={(text) => setHeard((before) => [...before, text])} />}
      <p data-testid="heard">{heard.join(', ')}</p>
    </main>
  )
}

function Shop({ onHear }: { readonly onHear: (text: string) => void }): JSX.Element {
  const client = useChatClient({ url, name: 'Ada' })
  const connection = useConnection(client)
  const tea = useRoom(client, 'tea')
  const chat = useRef<NatterChatElement>(null)
  return (
    <>
      <p data-testid="status">{connection?.status}</p>
      <p data-testid="texts">{tea?.state.messages.map(({ text }) => text).join(', ')}</p>
      <button onClick={() => tea?.room.post('by the hook')}>Post by the hook</button>
      <button onClick={() => chat.current?.post('by the ref')}>Post by the ref</button>
      <NatterChat
        ref={chat}
        src={url}
        room="tea"
        client={client}
        theme="dark"
        onMessage={({ detail }) => onHear(detail.message.text)}
        onBeforeSend={(event) => {
          if (event.detail.text === 'no') event.preventDefault()
        }}
      >
        <a href={`${url}/r/tea`}>Open the chat</a>
      </NatterChat>
    </>
  )
}

const root = document.querySelector('#root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
