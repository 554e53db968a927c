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
  const speaker = await chat.identify(credentials).catch((error: unknown) => {
    // Whoever tries tokens is slowed down too.
    rates.countRequest(ofAddress)
    throw error
  })
  const { guestToken } = speaker.identity
  // Anybody may be any number of guests.
  const whose = guestToken === undefined ? `user ${speaker.user.id}` : ofAddress
  rates.countRequest(whose)
  const isNewGuest = guestToken !== undefined && credentials.token === undefined
  return { speaker, whose, ...(isNewGuest && { guestToken }) }
}
