/** The servers that are compared, and how each is started. */
import { join } from 'node:path'

/** What the load generator says to a server; see `load/dialect.c`. */
export type Dialect = 'natter' | 'plain' | 'socketio'

export interface Contender {
  readonly name: string
  readonly dialect: Dialect
  /** Arguments for `node`: to listen on a port of 127.0.0.1, with a folder for what it stores. */
  readonly args: (port: number, folder: string) => readonly string[]
}

const root = join(import.meta.dirname, '..')

function peer(name: string, dialect: Dialect, file: string): Contender {
  return { name, dialect, args: (port) => [join(import.meta.dirname, 'servers', file), String(port)] }
}

/** As a user starts it, with its log on disk. Only the limits that no single person reaches are lifted. */
export const NATTER: Contender = {
  name: 'natter',
  dialect: 'natter',
  args: (port, folder) => [
    join(root, 'src/cli/main.ts'),
    '--host=127.0.0.1',
    `--port=${port}`,
    `--data=${folder}`,
    '--write-rate=0',
    '--command-rate=0',
    '--max-connections=0',
    '--max-connections-per-address=0',
  ],
}

export const NAIVE_WS = peer('naive ws', 'plain', 'naive-ws.ts')
export const SOCKET_IO = peer('socket.io', 'socketio', 'socket-io.ts')
/** Does nothing but pass messages on, to see what the load generator can count. */
export const CEILING = peer('generator ceiling', 'plain', 'ceiling.ts')
