/** What several processes on one Redis do: how much they store, what crossing from one to another costs, and what idling does. */
import { setTimeout as wait } from 'node:timers/promises'
import { natterOnRedis } from './contenders.ts'
import type { Clients, Step } from './generator.ts'
import { findHighestStep, isComplete } from './search.ts'
import { openReplaceable, requireComplete } from './steps.ts'
import type { Bench, Figures, Scenario } from './scenario.ts'

const PROCESSES = 3
const contenders = [natterOnRedis(PROCESSES)]

/** Rooms of two, whose members are on different processes. */
const PAIRS = { clients: 102, rooms: 51 }
/** Rooms of three, with a member on each process. */
const TRIPLES = { clients: 99, rooms: 33 }

const IDLE_ROOMS = 10_000
/** Numbers of idle rooms begin here, past those of rooms in which something happens. */
const FIRST_IDLE_ROOM = 1_000

export const REDIS_SCENARIOS: readonly Scenario[] = [
  {
    name: 'redis-stored',
    title: 'Three processes on one Redis, stored and acked: 102 clients in 51 rooms of two, each on two processes',
    contenders,
    figures: [
      { key: 'ackP50Ms', title: 'ack p50 ms at 10,000/s', digits: 2 },
      { key: 'ackP99Ms', title: 'ack p99 ms at 10,000/s', digits: 2 },
      { key: 'messagesPerSecond', title: 'most messages/s, ack p99 < 500 ms', digits: 0 },
      { key: 'serverCpu', title: 'CPU of the processes at 10,000/s', digits: 2 },
      { key: 'redisCpu', title: 'of Redis', digits: 2 },
    ],
    goals: [{ figure: 'messagesPerSecond', atLeast: 10_000 }],
    measure: measureStored,
  },
  {
    name: 'redis-across',
    title: 'Three processes on one Redis at 100 messages a second: delivery across processes, and within one',
    contenders,
    figures: [
      { key: 'withinP50Ms', title: 'p50 ms within one', digits: 2 },
      { key: 'acrossP50Ms', title: 'p50 ms across', digits: 2 },
      { key: 'addedP50Ms', title: 'added ms', digits: 2 },
      { key: 'acrossP99Ms', title: 'p99 ms across', digits: 2 },
    ],
    goals: [{ figure: 'addedP50Ms', atMost: 5 }],
    measure: measureAcross,
  },
  {
    name: 'redis-bystander',
    title: 'A process in none of the rooms in which 3,000 messages a second are said',
    contenders,
    figures: [{ key: 'cpuPercent', title: 'its CPU, % of a core', digits: 2 }],
    goals: [{ figure: 'cpuPercent', atMost: 1 }],
    measure: measureBystander,
  },
  {
    name: 'redis-idle-rooms',
    title: '2,000 messages a second beside 10,000 idle rooms that somebody has open on one of three processes',
    contenders,
    figures: [
      { key: 'aloneMicros', title: 'CPU µs per message without', digits: 1 },
      { key: 'besideMicros', title: 'with', digits: 1 },
      { key: 'ratio', title: 'ratio', digits: 2 },
      { key: 'openSeconds', title: 's to open them', digits: 1 },
    ],
    goals: [{ figure: 'ratio', atMost: 1.15 }],
    measure: measureIdleRooms,
  },
]

async function measureStored({ contender, server, generator, quick, earlier }: Bench): Promise<Figures> {
  await using clients = await openReplaceable(generator, {
    dialect: contender.dialect,
    ports: server.ports,
    ...PAIRS,
  })
  // Each process gets a third, and takes as much longer to have its code compiled.
  for (const rate of [2_500, 4_000, 5_500, 7_000, 8_500]) await clients.step(rate, 2)
  const before = { server: server.cpuSeconds(), redis: server.redisCpuSeconds() }
  const seconds = quick ? 2 : 4
  // Whether it held is what the search finds out.
  const asked = await clients.step(10_000, seconds)
  const used = { server: server.cpuSeconds() - before.server, redis: server.redisCpuSeconds() - before.redis }
  const best = await findHighestStep({
    ...clients,
    passes: (step) => isComplete(step) && step.ack.p99Ms < 500,
    startRate: 2_500,
    expectedRate: earlier?.['messagesPerSecond'],
    probeSeconds: quick ? 1.2 : 2.5,
  })
  return {
    ackP50Ms: asked.ack.p50Ms,
    ackP99Ms: asked.ack.p99Ms,
    messagesPerSecond: best?.rate ?? 0,
    serverCpu: used.server / seconds,
    redisCpu: used.redis / seconds,
  }
}

async function measureAcross({ contender: { name, dialect }, server, generator, quick }: Bench): Promise<Figures> {
  const p50Of = async (ports: readonly number[]): Promise<Step['delivery']> => {
    await using clients = await generator.open({ dialect, ports, ...TRIPLES })
    await clients.step(1_000, 2)
    return requireComplete(name, await clients.step(100, quick ? 3 : 6)).delivery
  }
  const within = await p50Of(server.ports.slice(0, 1))
  // Two of three deliveries cross, so the median is that of a delivery which does.
  const across = await p50Of(server.ports)
  return {
    withinP50Ms: within.p50Ms,
    acrossP50Ms: across.p50Ms,
    addedP50Ms: across.p50Ms - within.p50Ms,
    acrossP99Ms: across.p99Ms,
  }
}

async function measureBystander({ contender: { name, dialect }, server, generator, quick }: Bench): Promise<Figures> {
  const [first = 0, second = 0, third = 0] = server.ports
  await using bystanders = new AsyncDisposableStack()
  const idle = { dialect, ports: [third], clients: 10, rooms: 10, firstRoom: FIRST_IDLE_ROOM }
  bystanders.use(await generator.open(idle))
  await using clients = await generator.open({ dialect, ports: [first, second], clients: 100, rooms: 50 })
  await clients.step(3_000, 1)
  const before = { cpu: server.cpuSeconds(2), at: performance.now() }
  requireComplete(name, await clients.step(3_000, quick ? 5 : 10))
  return { cpuPercent: ((server.cpuSeconds(2) - before.cpu) * 100_000) / (performance.now() - before.at) }
}

async function measureIdleRooms({ contender: { name, dialect }, server, generator, quick }: Bench): Promise<Figures> {
  await using clients = await generator.open({ dialect, ports: server.ports, ...TRIPLES })
  await clients.step(2_000, 2)
  const seconds = quick ? 5 : 10
  const aloneMicros = await microsPerMessage(name, server, clients, seconds)
  await using idle = await generator.open({
    dialect,
    ports: server.ports,
    clients: IDLE_ROOMS,
    rooms: IDLE_ROOMS,
    firstRoom: FIRST_IDLE_ROOM,
  })
  const besideMicros = await microsPerMessage(name, server, clients, seconds)
  return { aloneMicros, besideMicros, ratio: besideMicros / aloneMicros, openSeconds: idle.openSeconds }
}

/** What the processes and Redis use for a message, beyond what they use when there is none. */
async function microsPerMessage(
  name: string,
  server: Bench['server'],
  clients: Clients,
  seconds: number,
): Promise<number> {
  const cpuSeconds = (): number => server.cpuSeconds() + server.redisCpuSeconds()
  const start = cpuSeconds()
  await wait(seconds * 1_000)
  const idle = cpuSeconds() - start
  const step = requireComplete(name, await clients.step(2_000, seconds))
  return ((cpuSeconds() - start - 2 * idle) * 1e6) / step.posted
}
