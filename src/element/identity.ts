import type { ChatClient, TokenProvider } from '../client/types.ts'
import { addressIn } from './chat-attributes.ts'
import type { ChatAttributes } from './chat-attributes.ts'
import type { Identity } from './model/shared-chats.ts'

/**
 * Who the user is: as the page's own client says, else its function, else its `token-url`. Without any of them, a guest.
 *
 * @throws {TypeError} where the `token-url` that is needed is no address.
 */
export function identityOf(
  element: ChatAttributes,
  client: ChatClient | null | undefined,
  provider: TokenProvider | undefined,
): Identity {
  if (client) return { kind: 'client', client }
  if (provider) return { kind: 'token', key: provider, provider }
  if (element.tokenUrl === undefined) return { kind: 'guest' }
  const url = addressIn(element, 'token-url', '')
  return { kind: 'token', key: url, provider: () => fetchToken(url) }
}

async function fetchToken(url: string): Promise<string | undefined> {
  const { tokenFrom } = await import('./token-url.ts')
  return tokenFrom(url)
}
