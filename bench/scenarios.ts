/** What is measured, on which servers, and what is asked of Natter. */
import { setTimeout as wait } from 'node:timers/promises'
import { CEILING, NAIVE_WS, NATTER, SOCKET_IO } from './contenders.ts'
import type { Step } from './generator.ts'
import { REDIS_SCENARIOS } from './redis-scenarios.ts'
import { median } from './report.ts'
import type { AloneScenario, Bench, Figures, Goal, Prepared, Scenario } from './scenario.ts'
import { findHighestStep, isComplete } from './search.ts'
import { openReplaceable, requireComplete, requireDelivered } from './steps.ts'

const EVERYONE = [NATTER, NAIVE_WS, SOCKET_IO]

const TURNS = 6
const TURN_SECONDS = 2
/** For the caches to be the server's again, whose turn it is. */
const TURN_WARM_UP_SECONDS = 0.5

/** A server that has been up for a minute has its code compiled. */
const WARM_UP_SECONDS = 12

export const SCENARIOS: readonly Scenario[] = [
  broadcast({ name: 'max-1000', clients: 1_000, startRate: 40, goals: [atLeastTimesNaive(60)] }),
  broadcast({ name: 'max-100', clients: 100, startRate: 400, goals: [atLeastTimesNaive(8)] }),
  { ...broadcast({ name: 'max-5000', clients: 5_000, startRate: 6, goals: [] }), onlyByName: true },
  {
    name: 'steady',
    title: 'One room, 1,000 clients, 10 messages a second',
    contenders: EVERYONE,
    figures: [
      { key: 'p50Ms', title: 'p50 ms', digits: 2 },
      { key: 'p99Ms', title: 'p99 ms', digits: 2 },
      { key: 'cpuMicros', title: 'CPU µs per delivery', digits: 2 },
    ],
    goals: [
      { figure: 'p50Ms', relativeTo: NAIVE_WS, atMost: 1 },
      { figure: 'cpuMicros', relativeTo: NAIVE_WS, atMost: 1 },
    ],
    turns: TURNS,
    prepare: (bench) => prepareSteady(bench, { clients: 1_000, rooms: 1, rate: 10, warmUpRate: 60 }),
  },
  {
    name: 'rooms',
    title: '5,000 clients in 500 rooms of ten, each posting once a second',
    contenders: EVERYONE,
    figures: [
      { key: 'p50Ms', title: 'p50 ms', digits: 2 },
      { key: 'p99Ms', title: 'p99 ms', digits: 2 },
      { key: 'cpuMicros', title: 'CPU µs per delivery', digits: 2 },
    ],
    goals: [{ figure: 'cpuMicros', relativeTo: NAIVE_WS, atMost: 1 }],
    turns: TURNS,
    prepare: (bench) => prepareSteady(bench, { clients: 5_000, rooms: 500, rate: 5_000, warmUpRate: 2_500 }),
  },
  {
    name: 'stored',
    title: 'Stored and acked: 100 clients in 50 rooms of two',
    contenders: [NATTER],
    figures: [
      { key: 'ackP50Ms', title: 'ack p50 ms at 10,000/s', digits: 2 },
      { key: 'ackP99Ms', title: 'ack p99 ms at 10,000/s', digits: 2 },
      { key: 'messagesPerSecond', title: 'most messages/s, ack p99 < 50 ms', digits: 0 },
    ],
    goals: [
      { figure: 'ackP99Ms', atMost: 50 },
      { figure: 'messagesPerSecond', atLeast: 10_000 },
    ],
    measure: measureStored,
  },
  {
    name: 'idle',
    title: '10,000 idle connections in one room',
    contenders: EVERYONE,
    figures: [
      { key: 'openSeconds', title: 'seconds to open', digits: 2 },
      { key: 'memoryKiB', title: 'KiB each', digits: 1 },
    ],
    goals: [
      { figure: 'openSeconds', atMost: 10 },
      { figure: 'memoryKiB', atMost: 12 },
    ],
    measure: measureIdle,
  },
  ...REDIS_SCENARIOS,
  {
    ...broadcast({ name: 'ceiling', clients: 1_000, startRate: 1_000, goals: [] }),
    title: 'What the load generator can count: 1,000 clients of a server that does nothing',
    contenders: [CEILING],
    onlyByName: true,
  },
]

function atLeastTimesNaive(times: number): Goal {
  return { figure: 'deliveriesPerSecond', relativeTo: NAIVE_WS, atLeast: times }
}

interface Broadcast {
  readonly name: string
  readonly clients: number
  readonly startRate: number
  readonly goals: readonly Goal[]
}

/** The highest rate of messages to one room at which p99 stays under 100 ms and nothing is lost or doubled. */
function broadcast({ name, clients, startRate, goals }: Broadcast): AloneScenario {
  return {
    name,
    title: `One room, ${clients.toLocaleString('en')} clients: most deliveries a second, p99 < 100 ms`,
    contenders: EVERYONE,
    figures: [
      { key: 'deliveriesPerSecond', title: 'deliveries/s', digits: 0 },
      { key: 'messagesPerSecond', title: 'messages/s', digits: 0 },
      { key: 'p50Ms', title: 'p50 ms', digits: 1 },
      { key: 'p99Ms', title: 'p99 ms', digits: 1 },
      { key: 'generatorCpu', title: 'generator CPU', digits: 2 },
    ],
    goals,
    async measure({ contender: { dialect }, server: { ports }, generator, quick, earlier }) {
      await using clientSet = await openReplaceable(generator, { dialect, ports, clients })
      const best = await findHighestStep({
        ...clientSet,
        passes: (step) => isComplete(step) && step.delivery.p99Ms < 100,
        startRate,
        expectedRate: earlier?.['messagesPerSecond'],
        probeSeconds: quick ? 1.2 : 2.5,
      })
      if (best === undefined) throw new Error(`${name}: no rate from ${startRate}/s up was held`)
      // What was reached, not what was offered: a backlog that p99 still allows is not throughput.
      const seconds = best.posted / best.rate + best.drainSeconds
      return {
        deliveriesPerSecond: best.delivered / seconds,
        messagesPerSecond: best.rate,
        p50Ms: best.delivery.p50Ms,
        p99Ms: best.delivery.p99Ms,
        generatorCpu: best.generatorCpu,
      }
    },
  }
}

interface Steady {
  readonly clients: number
  readonly rooms: number
  /** Messages per second. */
  readonly rate: number
  readonly warmUpRate: number
}

async function prepareSteady({ contender, server, generator, quick }: Bench, options: Steady): Promise<Prepared> {
  const { clients: count, rooms, rate, warmUpRate } = options
  const { name, dialect } = contender
  // A peer that cannot keep up still has its price; Natter is to keep up.
  const check = contender === NATTER ? requireComplete : requireDelivered
  await using opened = new AsyncDisposableStack()
  const clients = opened.use(await generator.open({ dialect, ports: server.ports, clients: count, rooms }))
  await clients.step(warmUpRate, quick ? 2 : WARM_UP_SECONDS)
  const kept = opened.move()
  const turns: Step[] = []
  let cpuSeconds = 0
  return {
    async takeTurn() {
      check(name, await clients.step(rate, TURN_WARM_UP_SECONDS))
      const cpuBefore = server.cpuSeconds()
      turns.push(check(name, await clients.step(rate, TURN_SECONDS)))
      cpuSeconds += server.cpuSeconds() - cpuBefore
    },
    figures() {
      const delivered = turns.reduce((sum, turn) => sum + turn.delivered, 0)
      return {
        p50Ms: median(turns.map(({ delivery }) => delivery.p50Ms)),
        p99Ms: median(turns.map(({ delivery }) => delivery.p99Ms)),
        // Of all turns together: what a server has to do now and then counts too.
        cpuMicros: (cpuSeconds * 1e6) / delivered,
      }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

async function measureStored({ contender, server, generator, quick, earlier }: Bench): Promise<Figures> {
  const options = { dialect: contender.dialect, ports: server.ports, clients: 100, rooms: 50 }
  await using clients = await openReplaceable(generator, options)
  await clients.step(5_000, quick ? 2 : WARM_UP_SECONDS)
  const asked = requireComplete(contender.name, await clients.step(10_000, quick ? 2 : 4))
  const best = await findHighestStep({
    ...clients,
    passes: (step) => isComplete(step) && step.ack.p99Ms < 50,
    startRate: 2_500,
    expectedRate: earlier?.['messagesPerSecond'],
    probeSeconds: quick ? 1.2 : 2.5,
  })
  return { ackP50Ms: asked.ack.p50Ms, ackP99Ms: asked.ack.p99Ms, messagesPerSecond: best?.rate ?? 0 }
}

const IDLE_CLIENTS = 10_000
/** For handshakes and collected garbage to go by themselves; nothing is forced. */
const SETTLE_MS = 4_000

async function measureIdle({ contender: { dialect }, server, generator, quick }: Bench): Promise<Figures> {
  const memoryBefore = server.memoryKiB()
  await using clients = await generator.open({ dialect, ports: server.ports, clients: IDLE_CLIENTS })
  await wait(quick ? SETTLE_MS / 2 : SETTLE_MS)
  return { openSeconds: clients.openSeconds, memoryKiB: (server.memoryKiB() - memoryBefore) / IDLE_CLIENTS }
}
