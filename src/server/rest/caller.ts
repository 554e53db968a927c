import type { Chat } from '../../chat/chat.ts'
import type { Credentials } from '../../chat/identity.ts'
import type { Speaker } from '../../chat/speaker.ts'
import type { Peer } from '../../chat/transport.ts'
import { addressBlock } from '../address.ts'
import type { RequestRates } from './rates.ts'

/** Who makes a request. */
export interface Caller {
  readonly speaker: Speaker
  /** Whose requests are counted together. */
  readonly whose: string
  /** Of a guest that showed none. */
  readonly guestToken?: string
}

/**
 * Finds out who makes a request, and counts it.
 *
 * @throws {ChatError} `unauthorized`, `bad_command`, `rate_limited` or `unavailable`
 */
export async function identifyCaller(
  chat: Chat,
  rates: RequestRates,
  peer: Peer,
  credentials: Credentials,
): Promise<Caller> {
  const ofAddress = `address ${addressBlock(peer.address)}`
  // Before the app is asked: an address that tries tokens or sessions is refused without asking once it tried too many, and has no more
  // questions under way than it may have requests at once.
  rates.countRequest(ofAddress)
  const speaker = await chat.identify(credentials)
  const { guestToken } = speaker.identity
  // Anybody may be any number of guests.
  const whose = guestToken === undefined ? `user ${speaker.user.id}` : ofAddress
  if (whose !== ofAddress) {
    rates.uncountRequest(ofAddress)
    rates.countRequest(whose)
  }
  const isNewGuest = guestToken !== undefined && credentials.token === undefined
  return { speaker, whose, ...(isNewGuest && { guestToken }) }
}
