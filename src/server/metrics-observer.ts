import { Counter, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import { CLOSE } from '../protocol/close.ts'
import type { ServerObserver } from './observer.ts'

/** Seconds, from a group commit on a fast disk to a log that is hardly there. */
const LATENCY_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** A client may close with any of thousands of codes; only these become time series. */
const COUNTED_CLOSE_CODES = new Set<number>([1000, 1001, 1005, 1006, ...Object.values(CLOSE).map(({ code }) => code)])

/** Counts what happens into metrics that it adds to `registry`. */
export function createMetricsObserver(registry: Registry): ServerObserver {
  const registers = [registry]
  const opened = new Counter({
    name: 'natter_opened_total',
    help: 'WebSockets and streams of events that were opened, by what they speak.',
    labelNames: ['dialect'],
    registers,
  })
  const closed = new Counter({
    name: 'natter_closed_total',
    help: 'WebSockets and streams of events that ended, by close code; 1006 is a line that was cut.',
    labelNames: ['code'],
    registers,
  })
  /** Since the last look at the metrics: to find the counter of a label takes longer than all else that is counted for a message. */
  const stored = new Map<string, number>()
  const messages = new Counter({
    name: 'natter_messages_total',
    help: 'Posts, edits, deletions and reactions that were stored.',
    labelNames: ['kind'],
    registers,
    collect() {
      for (const [kind, count] of stored) messages.inc({ kind }, count)
      stored.clear()
    },
  })
  const appendSeconds = new Histogram({
    name: 'natter_append_seconds',
    help: 'From the arrival of a command to its change being in the log.',
    buckets: LATENCY_BUCKETS,
    registers,
  })
  const trimmed = new Counter({
    name: 'natter_trimmed_messages_total',
    help: 'Messages that retention removed.',
    registers,
  })
  const refused = new Counter({
    name: 'natter_refused_total',
    help: 'Commands and requests that were refused, by error code.',
    labelNames: ['code'],
    registers,
  })
  const deliveries = new Counter({
    name: 'natter_deliveries_total',
    help: 'Frames of rooms (changes, typing, presence) handed to connections: one for each frame and connection.',
    registers,
  })
  const deliveredBytes = new Counter({
    name: 'natter_delivered_bytes_total',
    help: 'Bytes of those frames.',
    registers,
  })
  const writes = new Counter({
    name: 'natter_writes_total',
    help: 'Writes that those frames took; deliveries per write is how well they batch.',
    registers,
  })
  const deliverySeconds = new Histogram({
    name: 'natter_delivery_seconds',
    help: 'From a frame being published to its being handed to a slice of its readers; one observation for each slice.',
    buckets: LATENCY_BUCKETS,
    registers,
  })
  const requests = new Counter({
    name: 'natter_http_requests_total',
    help: 'Requests that were answered, by status; 101 is a WebSocket.',
    labelNames: ['status'],
    registers,
  })
  return {
    onOpen: (_peer, dialect) => opened.inc({ dialect }),
    onHello() {},
    onStored({ kind, appendMs }) {
      stored.set(kind, (stored.get(kind) ?? 0) + 1)
      appendSeconds.observe(appendMs / 1_000)
    },
    onDeliver(delivery) {
      deliveries.inc(delivery.frames)
      deliveredBytes.inc(delivery.bytes)
      writes.inc(delivery.writes)
      deliverySeconds.observe(delivery.delayMs / 1_000)
    },
    onTrimmed: ({ messages: count }) => trimmed.inc(count),
    onRefuse: (_peer, code) => refused.inc({ code }),
    onClose: (_peer, { code }) => closed.inc({ code: COUNTED_CLOSE_CODES.has(code) ? code : 'other' }),
    onTurnAway: (_address, { code }) => closed.inc({ code }),
    onRequest: ({ status }) => requests.inc({ status }),
  }
}
