import type { Epoch } from '../../protocol/ids.ts'
import type { BackendEnvironment } from '../backend.ts'
import { nextEpoch } from '../epoch.ts'
import { RandomText } from '../random-text.ts'
import type { RedisClient } from './client.ts'
import type { RedisKeys } from './keys.ts'
import type { RedisScripts } from './scripts.ts'
import { isWriteRefusal } from './write-watch.ts'

interface Lineage {
  readonly name: string
  /** Grows each time that any process looks. */
  readonly beat: number
  /** Of rooms that nobody has written to. */
  readonly epoch: Epoch
  /** The server's history. */
  readonly history: string
  /** `1` where the server once began another one. */
  readonly hasLost: string
}

/** What is noted beside a lineage: the epoch of new rooms, and that nobody may write, since a chat is being moved there. */
export type ServerMark = 'epoch' | 'isRestoring'

/** Name, beat, epoch, history, and whether it has lost something. */
type LineageReply = readonly [string | null, number | string | null, ...(string | null)[]]

const FIELDS = ['name', 'beat', 'epoch', 'history', 'hasLost']

/**
 * The lineages of the servers, as this process knows them: for how long each is known to have lost nothing. What begins another one, and
 * why, is in `docs/decisions/0043-lineages.md`.
 */
export class RedisLineages {
  readonly #scripts: RedisScripts
  readonly #key: string
  readonly #random: RandomText
  /** By key, one for each server. */
  #known: ReadonlyMap<string, Lineage> = new Map()

  constructor(scripts: RedisScripts, keys: RedisKeys, environment: BackendEnvironment) {
    this.#scripts = scripts
    this.#key = keys.lineage
    this.#random = new RandomText(environment)
  }

  /** The epoch of rooms that nobody has written to, on the first server. */
  get firstEpoch(): Epoch {
    const [first] = this.#known.values()
    return first?.epoch ?? ('' as Epoch)
  }

  /** Where the lineage of the server is that has `key`, and the names of all there are: what scripts begin their arguments with. */
  argumentsFor(client: RedisClient, key: string): [key: string, names: string] {
    const names = [...this.#known.values()].map(({ name }) => name)
    return [client.beside(this.#key, key), names.join(' ')]
  }

  /** For a lineage that begins. */
  drawName(): string {
    return nextEpoch(this.#random)
  }

  /**
   * Looks at every server, which notes who it is. Returns whether any has another lineage than this process knew, or none was known. Has
   * to be called after each connecting, and every few seconds.
   */
  async learn(client: RedisClient): Promise<boolean> {
    const before = this.#known
    const known = new Map<string, Lineage>()
    let firstEpoch = nextEpoch(this.#random)
    // One after the other: the servers of a new chat get one epoch for new rooms.
    for (const key of client.spread(this.#key)) {
      const lineage = await this.#look(client, key, before, firstEpoch)
      if (lineage.epoch !== firstEpoch) firstEpoch = nextEpoch(this.#random)
      known.set(key, lineage)
    }
    this.#known = known
    return [...known].some(([key, { name }]) => before.get(key)?.name !== name)
  }

  /** Notes something on every server, or removes it. */
  async mark(client: RedisClient, field: ServerMark, value: string | undefined): Promise<void> {
    const command = (key: string): string[] =>
      value === undefined ? ['HDEL', key, field] : ['HSET', key, field, value]
    await Promise.all(client.spread(this.#key).map((key) => client.sendCommand(command(key))))
  }

  async #look(
    client: RedisClient,
    key: string,
    before: ReadonlyMap<string, Lineage>,
    firstEpoch: Epoch,
  ): Promise<Lineage> {
    const known = before.get(key)
    const others = [...before].flatMap(([other, { history, name, epoch, hasLost }]) =>
      other === key ? [] : [history, name, epoch, hasLost],
    )
    const args = [known?.name ?? '', String(known?.beat ?? 0), this.drawName(), firstEpoch, ...others]
    try {
      return toLineage((await this.#scripts.run(client, 'lineage', [key], args)) as LineageReply)
    } catch (error) {
      if (!isWriteRefusal(error)) throw error
      const found = (await client.sendCommand(['HMGET', key, ...FIELDS])) as LineageReply
      if (found[0] === null) throw error
      return toLineage(found)
    }
  }
}

function toLineage([name, beat, epoch, history, hasLost]: LineageReply): Lineage {
  return {
    name: name ?? '',
    beat: Number(beat),
    epoch: (epoch ?? '') as Epoch,
    history: history ?? '',
    hasLost: hasLost ?? '',
  }
}
