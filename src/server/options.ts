import type { Backend } from '../backend/backend.ts'
import type { AccessPolicy, RoomDetails } from '../chat/access-policy.ts'
import type { AppUser } from '../chat/app-user.ts'
import type { BeforeMessage, MessageHook } from '../chat/message-hook.ts'
import type { OnError } from '../chat/observer.ts'
import type { Rate } from '../chat/options.ts'
import type { Retention } from '../chat/retention.ts'
import type { TokenVerifierOptions } from '../chat/tokens.ts'
import { isRoomId, LOBBY } from '../protocol/ids.ts'
import type { RoomId } from '../protocol/ids.ts'
import { DEFAULT_LIMITS } from '../protocol/limits.ts'
import type { Limits } from '../protocol/limits.ts'
import { createGuard, guardObserver } from './guard.ts'
import type { Guard } from './guard.ts'
import { createLogObserver } from './log-observer.ts'
import type { Logger } from './logger.ts'
import type { Authenticate } from './credentials.ts'
import type { ServerObserver } from './observer.ts'
import { parseCount } from './parse-count.ts'
import { resolveRetention } from './retention-options.ts'
import type { RetentionOption } from './retention-options.ts'
import { resolveTokenOptions } from './token-options.ts'
import type { TokenOptions } from './token-options.ts'

/** What a chat is made of. Only the backend has no default. `U`: a user as your app knows them. `R`: what `resolveRoom` says a room is. */
export interface ChatMiddlewareOptions<U extends AppUser = AppUser, R extends RoomDetails = RoomDetails> {
  /** Where messages are kept. It stays yours: close it after the chat. */
  readonly backend: Backend
  /** Path that the chat is mounted on: its page, its assets and its WebSocket. Defaults to `/`. */
  readonly path?: string | undefined
  /**
   * Says who a user is, by your app's own session. Without it, and without `tokens`, everybody is a guest.
   *
   * A page of another origin is not let in by its cookies, though it be in `origins`: give it a token.
   */
  readonly authenticate?: Authenticate<U> | undefined
  /** Milliseconds for `authenticate` and `tokens.toUser` to settle. Defaults to 5,000. */
  readonly authenticateTimeoutMs?: number | undefined
  /** Users of another backend, by tokens (JWTs) which that signs. A token goes before the session. */
  readonly tokens?: TokenOptions<U> | undefined
  /**
   * Whether who shows neither a token nor a session is a guest, under a name of their choice. Defaults to true where there is neither
   * `authenticate` nor `tokens`. Guests have no fields beyond those of `AppUser`.
   */
  readonly guests?: (AppUser extends U ? boolean : false) | undefined
  /** The only rooms there are. Empty, as by default, for any room that somebody names. */
  readonly rooms?: readonly string[] | undefined
  /**
   * How much of each room is kept: for so long, or so many messages, or both. What is older is removed in the background, within about a minute, also
   * in rooms that nobody is in, and nobody is told; `docs/guarantees.md` says what that means for clients. Give it to every process of a chat alike.
   *
   * A function is asked about each room, by its name, every minute or so; nullish for all of it. Defaults to all of every room, for good.
   */
  readonly retention?: RetentionOption | undefined
  /**
   * Whether a user may read a room, or post, react, edit or delete what is theirs, or delete what is others' (`moderate`) in it. Asked
   * on every path, and again a second later: what it says in between is kept. Whatever is not `true` is a no, as are what it throws, which
   * `onError` is told, and silence. A room that may not be read is as if it was not there. Without it everyone may do all of that but moderate.
   */
  readonly authorize?: AccessPolicy<U, R>['authorize']
  /**
   * What the room of that name is: its title, and who may read it where `authorize` is not all there is to it. Nullish where there is none. Asked
   * when a connection first uses the room. Without it there is any room that somebody names, or those of `rooms`.
   */
  readonly resolveRoom?: AccessPolicy<U, R>['resolveRoom']
  /** Milliseconds that `authorize` and `resolveRoom` have for an answer. Defaults to 3,000. */
  readonly accessTimeoutMs?: number | undefined
  /**
   * Looks at each message before it is stored: posts, and edits. It may let it through, change its text, refuse it with a reason that its sender
   * is shown, or hold it, to be given to `release()` later. What one connection sends keeps its order meanwhile.
   */
  readonly beforeMessage?: BeforeMessage<U, R> | undefined
  /** Milliseconds that `beforeMessage` has for an answer. Defaults to 2,000. */
  readonly beforeMessageTimeoutMs?: number | undefined
  /**
   * What becomes of a message when `beforeMessage` throws, is late, or answers what is no verdict: it is refused, as by default, so
   * that its sender may try again, or let through. `onError` is told either way.
   */
  readonly onHookFailure?: 'refuse' | 'allow' | undefined
  /** Exact origins, like `https://app.example`, whose pages may use the chat besides its own; `*` for all. Defaults to none. */
  readonly origins?: readonly string[] | undefined
  /** Number of proxies in front whose `X-Forwarded-*` entries are believed. Defaults to 0: none. */
  readonly trustProxy?: number | undefined
  /**
   * Whether a WebSocket without a subprotocol may chat in the lobby by the plain dialect. Defaults to true, and to false with
   * `authorize` or `resolveRoom`, as nobody is known in it; off where guests are not let in.
   */
  readonly plain?: boolean | undefined
  /** Whether `/metrics` is served, and how. Defaults to true: served to anybody. */
  readonly metrics?: boolean | MetricsOptions | undefined
  /** What clients may grow; 0 takes a limit away, but for `pageMessages`. Those left out keep their defaults. */
  readonly limits?: Partial<Limits> | undefined
  /** Writes (posts, edits, deletions, reactions) per connection; by plain HTTP per user, or per address of guests. Defaults to 20 in 10 s; a burst of 0 for any number. */
  readonly writeRate?: Rate | undefined
  /** All commands per connection; by plain HTTP all requests, as writes are counted. Defaults to 200 in 10 s; a burst of 0 for any number. */
  readonly commandRate?: Rate | undefined
  /** Milliseconds a connection may leave its backlog unread before it is closed. Defaults to 15,000; 0 never closes one. */
  readonly slowReaderMs?: number | undefined
  /** WebSockets and streams of events open at a time from one address, or IPv6 /64. Defaults to 2,000; 0 for any number. */
  readonly maxConnectionsPerAddress?: number | undefined
  /** WebSockets and streams of events open at a time in all. Defaults to 20,000; 0 for any number. */
  readonly maxConnections?: number | undefined
  /** Told of what happens, for logs. Defaults to nobody. That this, `logger` or `onError` throws is a process warning, once, and nothing more. */
  readonly observer?: ServerObserver | undefined
  /**
   * Gets the lines that the standalone server logs: requests, connections, messages without their text, refusals, faults.
   * A logger of pino's shape, such as Fastify's `app.log`. Defaults to none: the chat logs nothing.
   */
  readonly logger?: Logger | undefined
  /** Told of faults that no client could be told of. Defaults to a process warning for each, unless there is a `logger`. */
  readonly onError?: OnError | undefined
}

/** How `/metrics` is served. */
export interface MetricsOptions {
  /** The bearer token that it asks for. Defaults to none: served to anybody. */
  readonly token?: string | undefined
  /** Labels of every metric, such as the number of a process among several. Defaults to none. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /**
   * What is answered instead of what this process measured: of several behind one address, what all of them did, each by its
   * `chat.metrics()`. Where it rejects, the answer is 500. Defaults to what this process measured.
   */
  readonly gather?: (() => Promise<string>) | undefined
}

/** The same with every default filled in and every value checked. */
export interface ResolvedOptions {
  readonly backend: Backend
  readonly path: string
  readonly rooms: readonly RoomId[]
  readonly retention: Retention | undefined
  readonly access: AccessPolicy
  readonly hook: MessageHook | undefined
  readonly origins: readonly string[]
  readonly trustedHops: number
  readonly authenticate: Authenticate | undefined
  readonly authenticateTimeoutMs: number
  readonly tokens: TokenVerifierOptions | undefined
  readonly allowGuests: boolean
  readonly allowPlain: boolean
  /** Undefined where there are none. */
  readonly metricsOptions: MetricsOptions | undefined
  readonly limits: Limits
  readonly writeRate: Rate
  readonly commandRate: Rate
  readonly slowReaderMs: number
  readonly maxConnectionsPerAddress: number
  readonly maxConnections: number
  readonly observers: readonly ServerObserver[]
  readonly onError: OnError
}

/** @throws TypeError or RangeError that names the option and the value it got. */
export function resolveOptions<U extends AppUser, R extends RoomDetails>({
  backend,
  path = '/',
  authenticate,
  authenticateTimeoutMs = 5_000,
  tokens,
  guests,
  rooms = [],
  retention,
  authorize,
  resolveRoom,
  accessTimeoutMs = 3_000,
  beforeMessage,
  beforeMessageTimeoutMs = 2_000,
  onHookFailure = 'refuse',
  origins = [],
  trustProxy = 0,
  plain = !authorize && !resolveRoom,
  metrics = true,
  limits = {},
  writeRate = { burst: 20, perMs: 10_000 },
  commandRate = { burst: 200, perMs: 10_000 },
  slowReaderMs = 15_000,
  maxConnectionsPerAddress = 2_000,
  maxConnections = 20_000,
  observer,
  logger: given,
  onError,
}: ChatMiddlewareOptions<U, R>): ResolvedOptions {
  if (plain && (authorize ?? resolveRoom))
    throw new TypeError('plain: nobody is known in the plain dialect, so it cannot be on with authorize or resolveRoom')
  const logger = given && parseLogger(given)
  const guard = createGuard()
  const allowGuests = guests ?? (!authenticate && !tokens)
  if (!allowGuests && !authenticate && !tokens)
    throw new TypeError('guests: nobody could enter without guests; set authenticate or tokens, or let guests in')
  return {
    backend,
    path,
    rooms: rooms.map(parseRoom),
    retention: resolveRetention(retention),
    access: resolveAccess({ authorize, resolveRoom, timeoutMs: parseDelay('accessTimeoutMs', accessTimeoutMs) }),
    hook:
      beforeMessage &&
      resolveHook(beforeMessage, {
        timeoutMs: parseDelay('beforeMessageTimeoutMs', beforeMessageTimeoutMs),
        onFailure: onHookFailure,
      }),
    origins,
    trustedHops: parseCount('trustProxy', trustProxy),
    authenticate,
    authenticateTimeoutMs: parseDelay('authenticateTimeoutMs', authenticateTimeoutMs),
    tokens: tokens && resolveTokenOptions(tokens),
    allowGuests,
    // The plain dialect speaks in the lobby, and says of nobody who it is.
    allowPlain: plain && allowGuests && (rooms.length === 0 || rooms.includes(LOBBY)),
    metricsOptions: metrics === false ? undefined : parseMetrics(metrics === true ? {} : metrics),
    limits: resolveLimits(limits),
    writeRate: parseRate('writeRate', writeRate),
    commandRate: parseRate('commandRate', commandRate),
    slowReaderMs: parseCount('slowReaderMs', slowReaderMs),
    maxConnectionsPerAddress: parseCount('maxConnectionsPerAddress', maxConnectionsPerAddress),
    maxConnections: parseCount('maxConnections', maxConnections),
    observers: [logger && createLogObserver(logger, () => new Date()), observer]
      .filter((present) => present !== undefined)
      .map((present) => guardObserver(present, guard)),
    onError: logger ? logFaults(logger, onError, guard) : guard(onError ?? reportAsWarning),
  }
}

/** The chat hands back what it was given: whoever a rule is asked about came from `authenticate` or `tokens`, or is a guest where `U` has room for one. */
function resolveAccess<U extends AppUser, R extends RoomDetails>(policy: AccessPolicy<U, R>): AccessPolicy {
  return policy as unknown as AccessPolicy
}

/** Likewise for messages. */
function resolveHook<U extends AppUser, R extends RoomDetails>(
  beforeMessage: BeforeMessage<U, R>,
  rest: Omit<MessageHook, 'beforeMessage'>,
): MessageHook {
  if (rest.onFailure === 'refuse' || rest.onFailure === 'allow')
    return { ...rest, beforeMessage: beforeMessage as unknown as BeforeMessage }
  throw new TypeError(`onHookFailure: must be "refuse" or "allow", not ${JSON.stringify(rest.onFailure)}`)
}

function resolveLimits(limits: Partial<Limits>): Limits {
  const entries = Object.entries({ ...DEFAULT_LIMITS, ...limits }).map(([name, value]) => [
    name,
    // A client is told its limits as JSON, which has no infinity.
    parseCount(`limits.${name}`, value) || Number.MAX_SAFE_INTEGER,
  ])
  const resolved = Object.fromEntries(entries) as Limits
  return { ...resolved, pageMessages: parsePageMessages(limits.pageMessages) }
}

/** The wire has no page of more messages, so there is no limit to take away. */
function parsePageMessages(pageMessages: number = DEFAULT_LIMITS.pageMessages): number {
  const { pageMessages: most } = DEFAULT_LIMITS
  if (pageMessages >= 1 && pageMessages <= most) return pageMessages
  throw new RangeError(`limits.pageMessages: must be from 1 to ${most}, not ${pageMessages}`)
}

function parseRoom(room: string): RoomId {
  if (isRoomId(room)) return room
  throw new TypeError(
    `rooms: ${JSON.stringify(room)} cannot name a room: 1 to 64 letters, digits and . _ : ~ -, the first a letter or digit`,
  )
}

function parseMetrics({ token, labels = {}, gather }: MetricsOptions): MetricsOptions {
  for (const name of Object.keys(labels)) {
    // As Prometheus has it; those that begin with two are its own.
    if (!/^(?!__)[A-Za-z_]\w*$/.test(name))
      throw new TypeError(`metrics.labels: ${JSON.stringify(name)} is no name of a label`)
  }
  return { token: token === undefined ? undefined : parseToken(token), labels, gather }
}

/** RFC 6750 §2.1: what can be sent as a bearer token. */
function parseToken(token: string): string {
  if (/^[\w.~+/-]+=*$/.test(token)) return token
  throw new TypeError('metrics.token: a token is letters, digits and . _ ~ + / -, and = at its end')
}

function parseRate(name: string, { burst, perMs }: Rate): Rate {
  parseCount(`${name}.burst`, burst)
  if (parseCount(`${name}.perMs`, perMs) === 0) throw new RangeError(`${name}.perMs: must be at least 1, not 0`)
  return { burst, perMs }
}

/** 0 would leave no time for an answer. */
function parseDelay(name: string, value: number): number {
  if (parseCount(name, value) > 0) return value
  throw new RangeError(`${name}: must be at least 1, not 0`)
}

function parseLogger(logger: Logger): Logger {
  const isWhole = (['debug', 'info', 'warn', 'error'] as const).every((level) => typeof logger[level] === 'function')
  if (isWhole) return logger
  throw new TypeError('logger: a logger has the methods debug, info, warn and error')
}

function logFaults(logger: Logger, onError: OnError | undefined, guard: Guard): OnError {
  const log = guard((error: unknown, stage: string) => logger.error({ err: error }, `fault while ${stage}`))
  const tell = onError && guard(onError)
  return (error, context) => {
    log(error, context.stage)
    tell?.(error, context)
  }
}

/** What a server does with faults where nobody asked to be told of them. */
export const reportAsWarning: OnError = (error, { stage }) => {
  process.emitWarning(error instanceof Error ? error : String(error), { code: 'NATTER', detail: `while ${stage}` })
}
