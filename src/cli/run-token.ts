import { signToken } from '../index.ts'
import type { TokenValues } from './options.ts'
import { UsageError } from './parse-options.ts'
import { DEFAULT_AUDIENCE } from './token-options.ts'

/** Prints a token, and nothing else. */
export async function runToken(values: TokenValues): Promise<void> {
  const { sub, name, picture, role, expires, tokenSecret, tokenAudience = DEFAULT_AUDIENCE, tokenIssuer } = values
  if (sub === undefined) throw new UsageError('--sub: say whose token it is, by the id that the app knows them by')
  if (tokenSecret === undefined)
    throw new UsageError(
      '--token-secret: tokens are signed with it; set it, or NATTER_TOKEN_SECRET, to what the server has',
    )
  if (expires === 0) throw new UsageError('--expires: must be more than 0')
  const token = await signToken(
    { id: sub, name, avatarUrl: picture, role },
    { secret: tokenSecret, audience: tokenAudience, issuer: tokenIssuer, expiresInMs: expires },
  )
  process.stdout.write(`${token}\n`)
}
