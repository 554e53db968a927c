import { slotOf } from '../../src/backend/redis/slots.ts'
import type { RoomId } from '../../src/protocol/ids.ts'
import { findFreePort } from './free-port.ts'
import { startRedis, until } from './redis.ts'
import type { TestRedis } from './redis.ts'

const SLOTS = 16_384

/** A cluster of a test's own. */
export interface TestCluster {
  /** Each has a third of the slots. */
  readonly primaries: readonly TestRedis[]
  /** Of the first one. */
  readonly replicas: readonly TestRedis[]
  /** Of the last primary. */
  readonly url: string
  close(): Promise<void>
}

/** Starts three primaries on free ports, and replicas of the first one, and makes a cluster of them. */
export async function startCluster(replicaCount = 0): Promise<TestCluster> {
  const nodes = await Promise.all(Array.from({ length: 3 + replicaCount }, startNode))
  const servers = nodes.map(({ server }) => server)
  const [first, second, third, ...replicas] = servers
  if (!first || !second || !third) throw new Error('three servers were not started')
  const primaries = [first, second, third]
  for (const [index, primary] of primaries.entries()) {
    const range = [index, index + 1].map((part) => Math.floor((part * SLOTS) / 3))
    await primary.command('CLUSTER', 'ADDSLOTSRANGE', `${range[0]}`, `${(range[1] ?? 0) - 1}`)
    // Two that begin in one epoch settle it between them, which takes its time.
    await primary.command('CLUSTER', 'SET-CONFIG-EPOCH', `${index + 1}`)
  }
  for (const { server, busPort } of nodes.slice(1))
    await first.command('CLUSTER', 'MEET', '127.0.0.1', `${server.port}`, busPort)
  await until(async () => (await Promise.all(servers.map(isJoined))).every(Boolean))
  const id = String(await first.command('CLUSTER', 'MYID'))
  for (const replica of replicas) await replica.command('CLUSTER', 'REPLICATE', id)
  for (const replica of replicas)
    await until(async () => String(await replica.command('INFO', 'replication')).includes('master_link_status:up'))
  await until(async () => (await Promise.all(primaries.map(isWhole))).every(Boolean))
  return {
    primaries,
    replicas,
    url: third.url,
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  }

  async function isJoined(server: TestRedis): Promise<boolean> {
    return String(await server.command('CLUSTER', 'INFO')).includes(`cluster_known_nodes:${servers.length}\r`)
  }
}

/** Gives a slot with all its keys to another primary, as an operator does. */
export async function moveSlot(
  cluster: Pick<TestCluster, 'primaries'>,
  slot: number,
  from: TestRedis,
  to: TestRedis,
): Promise<void> {
  const [source, target] = [String(await from.command('CLUSTER', 'MYID')), String(await to.command('CLUSTER', 'MYID'))]
  await to.command('CLUSTER', 'SETSLOT', `${slot}`, 'IMPORTING', source)
  await from.command('CLUSTER', 'SETSLOT', `${slot}`, 'MIGRATING', target)
  const keys = (await from.command('CLUSTER', 'GETKEYSINSLOT', `${slot}`, '1000')) as string[]
  if (keys.length > 0) await from.command('MIGRATE', '127.0.0.1', `${to.port}`, '', '0', '5000', 'KEYS', ...keys)
  for (const server of [to, from, ...cluster.primaries])
    await server.command('CLUSTER', 'SETSLOT', `${slot}`, 'NODE', target)
}

/** A room that lies on a primary, by the place of that one among the three. */
export function roomOn(primary: number): RoomId {
  for (let number = 1; ; number++) {
    const room = `room-${number}` as RoomId
    if (primaryOf(slotOf(`{${room}}`)) === primary) return room
  }
}

/** Which of the primaries has a slot, while none has moved. */
export function primaryOf(slot: number): number {
  return Math.floor((slot * 3) / SLOTS)
}

/** The port on which servers of a cluster speak with one another is another one. */
async function startNode(): Promise<{ readonly server: TestRedis; readonly busPort: string }> {
  const busPort = String(await findFreePort())
  const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--cluster-port', busPort]
  return { server: await startRedis(...options), busPort }
}

async function isWhole(server: TestRedis): Promise<boolean> {
  const info = String(await server.command('CLUSTER', 'INFO'))
  return info.includes('cluster_state:ok') && info.includes(`cluster_slots_ok:${SLOTS}`)
}
