/** What a client does when the server ended its connection. */
export type CloseAdvice =
  /** Come back, with the usual back-off. */
  | 'reconnect'
  /** Come back, but not within the first seconds. */
  | 'later'
  /** Get a new token, then come back. */
  | 'token'
  /** Stay away: the same again would end the same. */
  | 'stop'

export interface CloseStatus {
  readonly code: number
  readonly reason: string
  readonly advice: CloseAdvice
}

/** Every way the server ends a connection. 4000–4999 is left to applications (RFC 6455 §7.4.2). */
export const CLOSE = {
  protocolError: { code: 1002, reason: 'protocol error', advice: 'stop' },
  unsupportedData: { code: 1003, reason: 'text frames only', advice: 'stop' },
  invalidText: { code: 1007, reason: 'text frames are UTF-8', advice: 'stop' },
  policyViolation: { code: 1008, reason: 'too many bad frames', advice: 'stop' },
  tooBig: { code: 1009, reason: 'frame too big', advice: 'stop' },
  internalError: { code: 1011, reason: 'internal error', advice: 'reconnect' },
  restarting: { code: 1012, reason: 'server restarting', advice: 'reconnect' },
  tooSlow: { code: 1013, reason: 'too slow, come back later', advice: 'later' },
  unauthorized: { code: 4401, reason: 'unauthorized', advice: 'token' },
  forbidden: { code: 4403, reason: 'forbidden', advice: 'stop' },
  helloTimeout: { code: 4408, reason: 'no hello', advice: 'reconnect' },
  silent: { code: 4410, reason: 'silent for too long', advice: 'reconnect' },
  tooManyConnections: { code: 4429, reason: 'too many connections', advice: 'later' },
} as const satisfies Record<string, CloseStatus>

const ADVICE_BY_CODE = new Map<number, CloseAdvice>(Object.values(CLOSE).map(({ code, advice }) => [code, advice]))

/** What a client does after `code`. A code that is not the server's own (1006, a proxy's) means `reconnect`. */
export function closeAdvice(code: number): CloseAdvice {
  return ADVICE_BY_CODE.get(code) ?? 'reconnect'
}
