import { choice, count, duration, flag, list, optional, rate, secret, text } from './option-kinds.ts'
import { argument, option } from './option.ts'
import type { OptionValues } from './option.ts'
import { perRoom } from './per-room.ts'
import { REDIS_OPTIONS } from './redis-options.ts'

/** As in `tokens.algorithms` of the package. */
const TOKEN_ALGORITHMS = ['HS256', 'EdDSA', 'ES256', 'RS256'] as const

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Every option of `natter serve`. */
export const SERVE_OPTIONS = {
  port: option('Server', count({ max: 65_535 }), 5_000, 'TCP port to listen on; 0 for any that is free.', 'PORT'),
  host: option(
    'Server',
    optional(text('<address>')),
    undefined,
    'Address to listen on. Without it: every one there is, IPv6 and IPv4.',
  ),
  workers: option(
    'Server',
    count({ min: 1, max: 1_000 }),
    1,
    'Processes that serve, on one port of this machine, and are started again when they end. More than one need a Redis.',
    'WEB_CONCURRENCY',
  ),
  path: option('Server', text('<path>'), '/', 'Path the chat is at, for a proxy that serves other things beside it.'),

  data: option(
    'Messages',
    text('<folder>'),
    'data',
    'Folder for the messages; made where it is missing. One process at a time can use it. On the command line it goes before a Redis that a variable names; else a Redis goes before it.',
  ),
  ephemeral: option(
    'Messages',
    flag,
    false,
    'Start although the disk will not last, as on Heroku, where it is wiped at least once a day and all messages with it.',
  ),
  ...REDIS_OPTIONS,
  rooms: option('Messages', list, [], 'The only rooms there are. Without it: any room that somebody names.'),
  keepFor: option(
    'Messages',
    perRoom(duration),
    [],
    'How long messages are kept, like 30d; 0 for good, as without it. Some rooms may have another time: 30d,order:*=1h,lobby=0. The most exact name counts.',
  ),
  keepMessages: option(
    'Messages',
    perRoom(count()),
    [],
    'How many messages of a room are kept, the newest; 0 for all, as without it. By room in the same way. With both, whichever is reached first.',
  ),
  plain: option(
    'Messages',
    flag,
    true,
    'Let WebSockets without a subprotocol chat in the lobby with {"handle","text"} objects.',
  ),

  tokenSecret: option(
    'Users',
    optional(secret('<text>')),
    undefined,
    'Users are whom a token (a JWT) of another backend names, signed by HS256 with this secret: 32 bytes or more.',
  ),
  tokenPublicKey: option(
    'Users',
    optional(text('<file>')),
    undefined,
    'The same with a key pair: file with the public key, as PEM or JWK. Ed25519 (EdDSA), P-256 (ES256) or RSA (RS256).',
  ),
  tokenJwks: option(
    'Users',
    optional(text('<url>')),
    undefined,
    'The same with keys that the other backend publishes: https address of its JSON Web Key Set. Needs --token-algorithm.',
  ),
  tokenAlgorithm: option(
    'Users',
    optional(choice(TOKEN_ALGORITHMS)),
    undefined,
    'The only algorithm that counts. Without it: the one that the secret or the key is for.',
  ),
  tokenAudience: option(
    'Users',
    optional(text('<name>')),
    undefined,
    'What a token must have as its "aud". Without it: natter.',
  ),
  tokenIssuer: option(
    'Users',
    optional(text('<name>')),
    undefined,
    'What a token must have as its "iss". Without it: anything.',
  ),
  guests: option(
    'Users',
    optional(flag),
    undefined,
    'Let in whoever has no token as a guest. Without it: only where there are no tokens. Has to be said in production (NODE_ENV) with --origins and no tokens.',
  ),

  origins: option(
    'Access',
    list,
    [],
    'Origins whose pages may use the chat besides its own, exactly, like https://app.example; * for all.',
  ),
  trustProxy: option(
    'Access',
    count({ max: 100 }),
    0,
    'How many proxies in front are ours. Only their X-Forwarded-For, -Proto and -Host entries are believed.',
  ),
  metrics: option('Access', flag, true, 'Serve /metrics for Prometheus.'),
  metricsToken: option(
    'Access',
    optional(secret('<token>')),
    undefined,
    'Bearer token that /metrics asks for. Without it: anybody may read the numbers.',
  ),

  maxConnections: option('Limits', count(), 20_000, 'WebSockets and streams of events open at a time.'),
  maxConnectionsPerAddress: option(
    'Limits',
    count(),
    2_000,
    'The same from one IPv4 address or IPv6 /64. People behind one router share it.',
  ),
  writeRate: option(
    'Limits',
    rate,
    { burst: 20, perMs: 10_000 },
    'Posts, edits, deletions and reactions per connection (by plain HTTP per user, or per address of guests): so many at once, and again evenly over the time.',
  ),
  commandRate: option('Limits', rate, { burst: 200, perMs: 10_000 }, 'All commands per connection, those included.'),
  slowReader: option(
    'Limits',
    duration,
    15_000,
    'How long a connection may leave what is sent to it unread before it is closed.',
  ),
  maxText: option('Limits', count(), 4_000, 'Code points in a message.'),
  maxName: option('Limits', count(), 40, 'Code points in a guest’s name.'),
  maxFrame: option('Limits', count(), 65_536, 'Bytes in a frame from a client.'),
  maxRoomsPerConnection: option('Limits', count(), 100, 'Rooms that one connection may be in at a time.'),
  maxEmojiPerMessage: option('Limits', count(), 20, 'Different emoji under a message.'),
  maxUsersPerEmoji: option('Limits', count(), 200, 'Users that may choose the same emoji under a message.'),
  maxMembersNamed: option(
    'Limits',
    count(),
    50,
    'Members of a room that are told by name; of a larger one only their number is.',
  ),

  shutdownSpread: option(
    'Operation',
    duration,
    8_000,
    'Over how long everybody’s return is spread when the server stops; 8s at most. Few connections take less.',
  ),
  logLevel: option(
    'Operation',
    choice(LOG_LEVELS),
    'info',
    'What is logged: info has every request, connection and message (never its text).',
  ),
  logFormat: option(
    'Operation',
    choice(['auto', 'text', 'json']),
    'auto',
    'Text has requests in the Common Log Format; json has one object a line; auto is text on a terminal, else json.',
  ),
} as const

export type ServeValues = OptionValues<typeof SERVE_OPTIONS>

/** Every option of `natter token`. */
export const TOKEN_OPTIONS = {
  sub: argument('Token', optional(text('<id>')), undefined, 'The id by which the app knows the user. Has to be given.'),
  name: argument('Token', optional(text('<name>')), undefined, 'The user’s name. Without it: the id.'),
  picture: argument('Token', optional(text('<url>')), undefined, 'Address of the user’s picture.'),
  role: argument(
    'Token',
    optional(text('<role>')),
    undefined,
    'What the user is, such as bot or moderator. Without it: member.',
  ),
  expires: argument('Token', duration, 3_600_000, 'For how long the token counts, such as 2h or 7d.'),

  tokenSecret: SERVE_OPTIONS.tokenSecret,
  tokenAudience: SERVE_OPTIONS.tokenAudience,
  tokenIssuer: SERVE_OPTIONS.tokenIssuer,
} as const

export type TokenValues = OptionValues<typeof TOKEN_OPTIONS>
