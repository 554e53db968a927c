import type { Access } from './access.ts'
import type { AppEvents } from './app-events.ts'
import type { Connections } from './connections.ts'
import type { Control } from './control.ts'
import type { FaultReport } from './fault-report.ts'
import type { Credentials } from './identity.ts'
import type { InFlight } from './in-flight.ts'
import type { Link } from './link.ts'
import type { ChatOptions } from './options.ts'
import type { Pump } from './pump.ts'
import type { RandomPool } from './random-pool.ts'
import type { Reviews } from './reviews.ts'
import type { Rooms } from './rooms.ts'
import type { Speaker } from './speaker.ts'
import type { Turns } from './turns.ts'

/** What the parts of one chat share. */
export interface ChatContext {
  readonly options: ChatOptions
  readonly pump: Pump
  readonly random: RandomPool
  readonly rooms: Rooms
  readonly access: Access
  readonly reviews: Reviews
  readonly connections: Connections
  readonly control: Control
  readonly events: AppEvents
  readonly faults: FaultReport
  /** Appends whose answer is still to come. */
  readonly inFlight: InFlight
  /** One for each message that is being revised: here, unlike on other processes, revisions need not collide. */
  readonly revisions: Turns
  /** Links whose transport is full, until it drains. */
  readonly full: Set<Link>
  /** @throws {ChatError} `unauthorized`, `bad_command` or `unavailable` */
  identify(credentials: Credentials): Promise<Speaker>
}
