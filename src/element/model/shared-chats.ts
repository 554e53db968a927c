import { createChatClient } from '../../client/create-chat-client.ts'
import type { ChatClient, TokenProvider } from '../../client/types.ts'
import { SharedChat } from './shared-chat.ts'
import { openMemory } from './storage.ts'

/** Who the user is to the chat: whom the page says by a token or by a client of its own, else a guest. */
export type Identity =
  | { readonly kind: 'guest' }
  /** `key`: what the token comes from. Elements whose tokens come from the same are the same user. */
  | { readonly kind: 'token'; readonly key: unknown; readonly provider: TokenProvider }
  | { readonly kind: 'client'; readonly client: ChatClient }

export interface ChatLease {
  readonly chat: SharedChat
  /** Closes the chat, unless others use it, or somebody takes it up again in the same task. */
  release(): void
}

interface Shared {
  readonly key: unknown
  readonly url: string
  readonly chat: SharedChat
  readonly closeClient: () => void
  users: number
}

/** The chats of this page that are in use. */
const open = new Set<Shared>()

/**
 * The chat of that user at `url`: one for all the elements of the page, and with that one socket.
 *
 * @param name What a guest is to be called; undefined for what they chose on an earlier visit, if they did.
 */
export function leaseChat(url: string, identity: Identity, name: string | undefined): ChatLease {
  const key = keyOf(identity)
  const found = findShared(key, url)
  const shared = found ?? createShared(key, url, identity, name)
  // Guests of one chat are one person on a page: the first name that there is counts.
  if (found && key === undefined && name !== undefined && found.chat.handle.peek() === undefined)
    found.chat.setHandle(name)
  shared.users += 1
  let isReleased = false
  return {
    chat: shared.chat,
    release() {
      if (isReleased) return
      isReleased = true
      shared.users -= 1
      // Not at once: a page that is drawn anew takes an element out and puts another in.
      setTimeout(() => closeUnused(shared))
    },
  }
}

function keyOf(identity: Identity): unknown {
  if (identity.kind === 'token') return identity.key
  return identity.kind === 'client' ? identity.client : undefined
}

function findShared(key: unknown, url: string): Shared | undefined {
  for (const shared of open) if (shared.key === key && shared.url === url) return shared
  return undefined
}

function createShared(key: unknown, url: string, identity: Identity, name: string | undefined): Shared {
  const memory = openMemory(url)
  const handle = identity.kind === 'guest' ? (name ?? memory.read('handle')) : undefined
  const client = clientOf(url, identity, handle)
  const shared: Shared = {
    key,
    url,
    chat: new SharedChat({ client, memory, handle }),
    closeClient: identity.kind === 'client' ? () => {} : () => client.close(),
    users: 0,
  }
  open.add(shared)
  return shared
}

function clientOf(url: string, identity: Identity, handle: string | undefined): ChatClient {
  if (identity.kind === 'client') return identity.client
  return createChatClient(identity.kind === 'token' ? { url, token: identity.provider } : { url, name: handle })
}

function closeUnused(shared: Shared): void {
  if (shared.users > 0 || !open.delete(shared)) return
  shared.chat.close()
  shared.closeClient()
}
