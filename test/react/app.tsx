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
  const [name, setName] = useState('tea')
  const tea = useRoom(client, name)
  const chat = useRef<NatterChatElement>(null)
  return (
    <>
      <p data-testid="status">{connection?.status}</p>
      <p data-testid="texts">{tea?.state.messages.map(({ text }) => text).join(', ')}</p>
      <p data-testid="drawn">
        <Drawn name={name} room={tea?.room.name} />
      </p>
      <button onClick={() => setName('coffee')}>Show coffee</button>
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

/** Each pair of a name and the room that was drawn under it, from the first on. */
function Drawn({ name, room }: { readonly name: string; readonly room: string | undefined }): JSX.Element {
  const all = useRef(new Set<string>())
  all.current.add(`${name}: ${room ?? 'none'}`)
  return <>{[...all.current].join(', ')}</>
}

const root = document.querySelector('#root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
