import type { Context } from 'hono'
import type { Chat } from '../../chat/chat.ts'
import type { Peer } from '../../chat/transport.ts'
import type { Limits } from '../../protocol/limits.ts'
import type { Admission } from '../admission.ts'
import type { AppEnv } from '../app-env.ts'
import { credentialsOf } from '../credentials.ts'
import type { SessionReader } from '../credentials.ts'
import type { MountPath } from '../mount-path.ts'
import type { OriginPolicy } from '../origin.ts'
import { identifyCaller } from './caller.ts'
import type { Caller } from './caller.ts'
import { parseFields } from './parse-fields.ts'
import type { RateOptions, RequestRates } from './rates.ts'

export interface RestOptions extends RateOptions {
  readonly mount: MountPath
  readonly chat: Chat
  readonly origins: OriginPolicy
  readonly sessionOf: SessionReader
  /** Counts streams among the connections. */
  readonly admission: Admission
  readonly limits: Limits
  readonly trustedHops: number
}

/** What the routes share. */
export interface RestContext extends RestOptions {
  readonly rates: RequestRates
}

export type RestEnv = AppEnv & { Variables: { peer: Peer } }

/**
 * Who makes the request: by its bearer token, else by the app's session, else as a guest of that name.
 *
 * @throws {ChatError} `unauthorized`, `bad_command`, `rate_limited` or `unavailable`
 */
export async function callerOf(
  { chat, rates, sessionOf }: RestContext,
  c: Context<RestEnv>,
  name: unknown = c.req.query('name'),
): Promise<Caller> {
  const credentials = credentialsOf(c.req.header('Authorization'), c.env.incoming, sessionOf)
  const { name: handle } = parseFields('hello', { name })
  return identifyCaller(chat, rates, c.var.peer, { ...credentials, name: handle })
}
