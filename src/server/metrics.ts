import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Gauge, Counter, Registry } from 'prom-client'
import type { ChatStats } from '../chat/chat.ts'
import { createMetricsObserver } from './metrics-observer.ts'
import type { ServerObserver } from './observer.ts'

export interface Metrics {
  /** Counts what it is told. */
  readonly observer: ServerObserver
  /** Everything as it stands, in the text format of Prometheus, {@link METRICS_TYPE}. */
  read(stats: ChatStats): Promise<string>
  close(): void
}

/** Each look wakes the process, so there are few: enough for a quantile of a minute. */
const EVENT_LOOP_RESOLUTION_MS = 100
const EVENT_LOOP_QUANTILES = [0.5, 0.99, 1]
const NS_PER_SECOND = 1e9
const US_PER_SECOND = 1e6

export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE

/** Metrics of one chat, in a registry of its own, so that two chats in a process do not meet. All have the `labels`. */
export function createMetrics(labels: Readonly<Record<string, string>>): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels(labels)
  const setStats = addStats(registry)
  const eventLoop = addEventLoopDelay(registry)
  addProcess(registry)
  return {
    observer: createMetricsObserver(registry),
    async read(stats) {
      setStats(stats)
      return registry.metrics()
    },
    close: () => eventLoop.disable(),
  }
}

function addStats(registry: Registry): (stats: ChatStats) => void {
  const registers = [registry]
  const connections = new Gauge({
    name: 'natter_connections',
    help: 'WebSockets and streams of events that are open.',
    registers,
  })
  const rooms = new Gauge({ name: 'natter_rooms', help: 'Rooms that somebody is in.', registers })
  const lagging = new Gauge({
    name: 'natter_lagging_readers',
    help: 'Connections that have more waiting for them than their line takes.',
    registers,
  })
  return (stats) => {
    connections.set(stats.connections)
    rooms.set(stats.rooms)
    lagging.set(stats.laggingReaders)
  }
}

function addEventLoopDelay(registry: Registry): { disable(): void } {
  const delays = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS })
  delays.enable()
  const gauge = new Gauge({
    name: 'natter_event_loop_delay_seconds',
    help: 'How long what was ready had to wait for its turn, since the last scrape; quantile 1 is the longest.',
    labelNames: ['quantile'],
    registers: [],
    collect() {
      for (const quantile of EVENT_LOOP_QUANTILES) {
        // What is recorded is the time between two ticks of a timer, which is never less than its period.
        const delayNs = delays.count === 0 ? 0 : delays.percentile(quantile * 100) - EVENT_LOOP_RESOLUTION_MS * 1e6
        this.set({ quantile }, Math.max(0, delayNs) / NS_PER_SECOND)
      }
      delays.reset()
    },
  })
  registry.registerMetric(gauge)
  return delays
}

/** By the names that Prometheus' own clients use, so that ready-made dashboards find them. */
function addProcess(registry: Registry): void {
  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of this process, in user and system mode.',
    registers: [],
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / US_PER_SECOND)
    },
  })
  const startTime = new Gauge({
    name: 'process_start_time_seconds',
    help: 'When this process started, since the Unix epoch.',
    registers: [],
  })
  startTime.set(performance.timeOrigin / 1_000)
  const resident = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of this process that is in RAM.',
    registers: [],
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
  const heap = new Gauge({
    name: 'nodejs_heap_size_used_bytes',
    help: 'Memory that JavaScript objects of this process use.',
    registers: [],
    collect() {
      this.set(process.memoryUsage().heapUsed)
    },
  })
  for (const metric of [cpu, startTime, resident, heap]) registry.registerMetric(metric)
}
