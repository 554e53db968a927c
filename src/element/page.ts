import { LOBBY } from '../protocol/ids.ts'
import { NatterChat } from './natter-chat.tsx'

/** `/` is the lobby, `/r/<name>` any other room, under whatever path the chat is mounted on. */
function roomOfPath(path: string): string {
  const name = /\/r\/([^/]+)\/?$/.exec(path)?.[1]
  return name === undefined ? LOBBY : decodeURIComponent(name)
}

const room = roomOfPath(location.pathname)
document.title = `${room} · Natter`
// Before the element is defined: it opens the room that it finds named.
document.querySelector('natter-chat')?.setAttribute('room', room)
NatterChat.define()
