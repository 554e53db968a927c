import { LOBBY } from '../../protocol/ids.ts'

/** The page of a room of the chat that is mounted at `base`: `/` is the lobby's, `/r/<name>` any other's. */
export function roomUrl(base: string, room: string): string {
  const folder = base.replace(/\/?$/, '/')
  return room === LOBBY ? folder : `${folder}r/${encodeURIComponent(room)}`
}

/** The room whose page has that path, under whatever path the chat is mounted on. */
export function roomOfPath(path: string): string {
  const name = /\/r\/([^/]+)\/?$/.exec(path)?.[1]
  return name === undefined ? LOBBY : decodeURIComponent(name)
}
