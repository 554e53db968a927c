import { suite } from 'node:test'
import type { LogFactory } from './backend-helpers.ts'
import { testAppends } from './backend-appends.ts'
import { testBroadcasts } from './backend-broadcasts.ts'
import { testArchive } from './backend-archive.ts'
import { testCatchUp } from './backend-catch-up.ts'
import { testDurability } from './backend-durability.ts'
import { testHistories } from './backend-histories.ts'
import { testMembers } from './backend-members.ts'
import { testPages } from './backend-pages.ts'
import { testRetention } from './backend-retention.ts'
import { testSubscriptions } from './backend-subscriptions.ts'

export interface BackendTraits {
  /** Whether a log outlives its backends. */
  readonly isDurable: boolean
}

/** What every backend promises: the contract of `src/backend/backend.ts`, run over the logs that `createLog` makes. */
export function testBackend(name: string, createLog: LogFactory, { isDurable }: BackendTraits): void {
  suite(`${name}: appends`, () => testAppends(createLog))
  suite(`${name}: subscriptions`, () => testSubscriptions(createLog))
  suite(`${name}: pages`, () => testPages(createLog))
  suite(`${name}: catching up`, () => testCatchUp(createLog))
  suite(`${name}: retention`, () => testRetention(createLog))
  suite(`${name}: members, signals, markers and secrets`, () => testMembers(createLog))
  suite(`${name}: broadcasts`, () => testBroadcasts(createLog))
  suite(`${name}: moving`, () => testArchive(createLog, isDurable))
  suite(`${name}: any history`, () => testHistories(createLog))
  if (isDurable) suite(`${name}: durability`, () => testDurability(createLog))
}
