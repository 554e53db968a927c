import { formatCommonLog } from './common-log-format.ts'
import type { Logger } from './logger.ts'
import type { ServerObserver } from './observer.ts'

/** Logs what happens: a line for each request, connection opened and closed, and message stored. */
export function createLogObserver(logger: Logger, now: () => Date): ServerObserver {
  return {
    onOpen: ({ connectionId, address }, dialect) => logger.info({ connection: connectionId, address, dialect }, 'open'),
    onHello: ({ connectionId }, user, client) =>
      logger.info({ connection: connectionId, user, client: client && `${client.name}/${client.version}` }, 'hello'),
    onStored: ({ peer, room, seq, kind, bytes }) =>
      logger.info({ room, seq, bytes, kind, connection: peer.connectionId }, 'message'),
    onDeliver() {},
    onTrimmed: (trimmed) => logger.debug(trimmed, 'trimmed'),
    onRefuse({ connectionId, address }, code, message) {
      // Of all refusals this one may be for the operator to mend. Its message has nothing that the peer sent.
      if (code === 'unauthorized') logger.warn({ connection: connectionId, address, reason: message }, 'unauthorized')
      else logger.debug({ connection: connectionId, code }, 'refuse')
    },
    onClose: ({ connectionId }, { code, reason, seconds }) =>
      logger.info({ connection: connectionId, code, reason, seconds: Math.round(seconds * 1_000) / 1_000 }, 'close'),
    onTurnAway: (address, { code, reason }) => logger.warn({ address, code, reason }, 'refused'),
    onRequest(request) {
      const { refusal, ...fields } = request
      const ms = Math.round(request.ms * 100) / 100
      logger.info({ ...fields, ms, line: formatCommonLog(request, now()) }, 'request')
      if (refusal !== undefined) {
        logger.warn({ address: request.address, path: request.path, reason: refusal }, 'refused')
      }
    },
  }
}
