import { NatterChat } from './natter-chat.ts'
import { roomOfPath, roomUrl } from './text/room-url.ts'

const chat = document.querySelector('natter-chat')

function show(room: string): void {
  document.title = `${room} · Natter`
  chat?.setAttribute('room', room)
}

// Before the element is defined: it opens the room that it finds named.
show(roomOfPath(location.pathname))
NatterChat.define()

chat?.addEventListener('roomchange', ({ detail: { room } }) => {
  history.pushState(null, '', roomUrl(chat.src, room))
  show(room)
})
addEventListener('popstate', () => show(roomOfPath(location.pathname)))
