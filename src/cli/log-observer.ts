import type { ServerObserver } from '../index.ts'
import { formatCommonLog } from './common-log-format.ts'
import type { Log } from './log.ts'

/** Logs what happens: a line for each request, connection opened and closed, and message stored. */
export function createLogObserver(log: Log, now: () => Date): ServerObserver {
  return {
    onOpen: ({ connectionId, address }, dialect) => log.info('open', { connection: connectionId, address, dialect }),
    onHello: ({ connectionId }, user, client) =>
      log.info('hello', { connection: connectionId, user, client: client && `${client.name}/${client.version}` }),
    onStored: ({ peer, room, seq, kind, bytes }) =>
      log.info('message', { room, seq, bytes, kind, connection: peer.connectionId }),
    onDeliver() {},
    onRefuse: ({ connectionId }, code) => log.debug('refuse', { connection: connectionId, code }),
    onClose: ({ connectionId }, { code, reason, seconds }) =>
      log.info('close', { connection: connectionId, code, reason, seconds: Math.round(seconds * 1_000) / 1_000 }),
    onTurnAway: (address, { code, reason }) => log.warn('refused', { address, code, reason }),
    onRequest(request) {
      const { refusal, ...fields } = request
      log.request(formatCommonLog(request, now()), { ...fields, ms: Math.round(request.ms * 100) / 100 })
      if (refusal !== undefined) log.warn('refused', { address: request.address, path: request.path, reason: refusal })
    },
  }
}
