import type { AccessPolicy } from '../../src/chat/access-policy.ts'
import type { UserId } from '../../src/protocol/ids.ts'
import { simulate } from './simulation.ts'
import type { SimulatedPeer, Simulation } from './simulation.ts'

export const EVE = 'u_Eve' as UserId

/** A chat in which those in `barred` may read nothing. */
export function bouncer(
  answer: (allowed: boolean) => ReturnType<NonNullable<AccessPolicy['authorize']>> = (it) => it,
): {
  readonly simulation: Simulation
  readonly barred: Set<string>
  readonly policy: AccessPolicy
} {
  const barred = new Set<string>()
  const policy = { timeoutMs: 3_000, authorize: ({ name }: { name: string }) => answer(!barred.has(name)) }
  return { simulation: simulate({ access: policy }), barred, policy }
}

/** Eve, in the tea room. */
export function newcomer(simulation: Simulation): Promise<SimulatedPeer> {
  return simulation.join('tea', 'Eve')
}

let keys = 0

export function post(peer: SimulatedPeer, text: string, room = 'tea'): number {
  return peer.send({ type: 'post', room, key: `revocation-${++keys}`, text })
}

/** What `peer` was told was said. */
export function texts(peer: SimulatedPeer): string[] {
  return peer.events('change').map(({ message }) => message.text)
}
