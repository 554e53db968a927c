import { Hono } from 'hono'
import type { Context, Next } from 'hono'
import { etag } from 'hono/etag'
import type { OnError } from '../chat/observer.ts'
import { isRoomId, LOBBY } from '../protocol/ids.ts'
import type { RoomId } from '../protocol/ids.ts'
import type { MountPath } from './mount-path.ts'
import { respondFile, respondText } from './respond.ts'
import type { Ui, UiFile } from './ui-files.ts'

export interface PagesOptions {
  readonly mount: MountPath
  /** The only rooms there are; empty for any. */
  readonly rooms: readonly RoomId[]
  readonly loadUi: () => Promise<Ui>
  readonly onError: OnError
}

/** The content never changes under this name. */
const IMMUTABLE = 'public, max-age=31536000, immutable'

/** May be kept, but is asked about each time. */
const REVALIDATE = 'no-cache'

/** Pages of other sites may load this: that is how they get the element. */
const FOR_ANY_SITE = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' }

/** The page of each room, and what it loads. */
export function createPages({ mount, rooms, loadUi, onError }: PagesOptions): Hono<{ Variables: { ui: Ui } }> {
  const app = new Hono<{ Variables: { ui: Ui } }>()

  /** Puts the UI where the handlers find it, or answers that there is none. */
  async function needsUi(c: Context, next: Next): Promise<Response | void> {
    try {
      c.set('ui', await loadUi())
    } catch (error) {
      onError(error, { stage: 'loading the page' })
      return respondText(c, 503, 'The page has not been built. Run: npm run build\n', { 'Retry-After': '5' })
    }
    return next()
  }

  function hasRoom(room: unknown): room is RoomId {
    return isRoomId(room) && (rooms.length === 0 || rooms.includes(room))
  }

  function pathOf(room: RoomId): string {
    return `${mount.base}/r/${encodeURIComponent(room)}`
  }

  app.get('/', etag(), needsUi, (c) => {
    const [first = LOBBY] = rooms
    return hasRoom(LOBBY)
      ? respondFile(c, c.var.ui.document, { 'Cache-Control': REVALIDATE })
      : c.redirect(pathOf(first))
  })
  app.get('/r/:room', etag(), needsUi, (c) => {
    const room = c.req.param('room')
    if (hasRoom(room)) return respondFile(c, c.var.ui.document, { 'Cache-Control': REVALIDATE })
    // The same letters may be typed as other code points; a room has one name.
    const normalized = room.normalize('NFC')
    return hasRoom(normalized) ? c.redirect(pathOf(normalized)) : c.notFound()
  })
  app.get('/element.js', etag(), needsUi, (c) =>
    respondFile(c, c.var.ui.element, { 'Cache-Control': REVALIDATE, ...FOR_ANY_SITE }),
  )
  app.get('/assets/:name', etag(), needsUi, (c) => {
    const file: UiFile | undefined = c.var.ui.assets.get(c.req.param('name'))
    return file ? respondFile(c, file, { 'Cache-Control': IMMUTABLE, ...FOR_ANY_SITE }) : c.notFound()
  })
  return app
}
