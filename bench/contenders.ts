/** The servers that are compared, and how each is started. */
import { join } from 'node:path'

/** What the load generator says to a server; see `load/dialect.c`. */
export type Dialect = 'natter' | 'plain' | 'socketio'

export interface Contender {
  readonly name: string
  readonly dialect: Dialect
  /** Arguments for `node`: to listen on a port of 127.0.0.1, with what it stores in a folder or, where it has processes on one, in the Redis at a URL. */
  readonly args: (port: number, store: string) => readonly string[]
  /** How many processes it is, on a Redis that is started for them. Absent: one, that stores for itself. */
  readonly processesOnRedis?: number
}

const root = join(import.meta.dirname, '..')

function peer(name: string, dialect: Dialect, file: string): Contender {
  return { name, dialect, args: (port) => [join(import.meta.dirname, 'servers', file), String(port)] }
}

/** As a user starts it. Only the limits that no single person reaches are lifted. */
function natterArgs(port: number, where: string): readonly string[] {
  return [
    join(root, 'src/cli/main.ts'),
    '--host=127.0.0.1',
    `--port=${port}`,
    where,
    '--write-rate=0',
    '--command-rate=0',
    '--max-connections=0',
    '--max-connections-per-address=0',
  ]
}

/** With its log on disk. */
export const NATTER: Contender = {
  name: 'natter',
  dialect: 'natter',
  args: (port, folder) => natterArgs(port, `--data=${folder}`),
}

/** As several processes that share a Redis. */
export function natterOnRedis(processes: number): Contender {
  return {
    name: 'natter',
    dialect: 'natter',
    args: (port, url) => natterArgs(port, `--redis=${url}`),
    processesOnRedis: processes,
  }
}

export const NAIVE_WS = peer('naive ws', 'plain', 'naive-ws.ts')
export const SOCKET_IO = peer('socket.io', 'socketio', 'socket-io.ts')
/** Does nothing but pass messages on, to see what the load generator can count. */
export const CEILING = peer('generator ceiling', 'plain', 'ceiling.ts')
