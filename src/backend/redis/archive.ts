import { ChatError } from '../../protocol/errors.ts'
import type { Epoch, RoomId } from '../../protocol/ids.ts'
import type { Archive, ArchivePart, ArchiveState, KeptWrite } from '../archive.ts'
import { ArchiveError } from '../archive-lines.ts'
import { BackendError } from '../backend-error.ts'
import { ChatReader } from './chat-reader.ts'
import type { RedisConnection } from './connection.ts'
import type { RedisKeys } from './keys.ts'
import type { RedisLineages, ServerMark } from './lineages.ts'
import { KEY_LIFETIME_MS } from './log.ts'
import type { RedisLog } from './log.ts'
import type { RedisScripts, ScriptName } from './scripts.ts'
import type { RedisSecrets } from './secrets.ts'
import { SteadyConnection } from './steady-connection.ts'

export interface RedisArchiveParts {
  /** As it is shown to people. */
  readonly address: string
  /** The id of this process among those that have a lease. */
  readonly process: string
  readonly connection: RedisConnection
  readonly scripts: RedisScripts
  readonly keys: RedisKeys
  readonly log: RedisLog
  readonly lineages: RedisLineages
  readonly secrets: RedisSecrets
}

/**
 * The archive of a log in Redis. Rooms, markers and writes are found by walking through all keys, which may bring one twice: that is
 * passed over when it is restored.
 */
export class RedisArchive implements Archive {
  readonly #parts: RedisArchiveParts
  readonly #keys: RedisKeys

  constructor(parts: RedisArchiveParts) {
    this.#parts = parts
    this.#keys = parts.keys
  }

  async *read(): AsyncGenerator<ArchivePart> {
    try {
      const reader = await this.#openReader()
      yield { type: 'epoch', epoch: this.#parts.lineages.firstEpoch }
      yield* reader.read()
    } catch (error) {
      throw explainReadError(error)
    }
  }

  async state(): Promise<ArchiveState> {
    await this.#requireAlone()
    const restoring = await this.#send(['GET', this.#keys.restoring])
    if (restoring !== null) return { status: 'restoring', epoch: restoring as Epoch }
    const restored = await this.#send(['GET', this.#keys.restored])
    if (restored !== null) return { status: 'used', restored: restored as string }
    for await (const rooms of this.rooms()) if (rooms.length > 0) return { status: 'used' }
    return { status: 'empty' }
  }

  async beginRestore(epoch: Epoch): Promise<void> {
    const before = await this.#send(['SET', this.#keys.restoring, epoch, 'GET'])
    await this.#markServers('isRestoring', '1')
    try {
      // Once more, now that it is set: a process that takes its lease after this look finds that, and stays away.
      await this.#requireAlone()
    } catch (error) {
      if (before === null) await this.#endRestore()
      throw error
    }
  }

  async restore(part: ArchivePart): Promise<void> {
    switch (part.type) {
      case 'epoch':
        return await this.#replaceEpoch(part.epoch)
      case 'secret':
        return await this.#parts.secrets.replace(part.name, part.bytes)
      case 'room':
        return await this.#restoreRoom(part)
      case 'changes':
        return await this.#restoreChanges(part)
      case 'markers':
        await Promise.all(part.markers.map(({ room, user, seq }) => this.#parts.log.advanceMarker(room, user, seq)))
        return
      case 'writes':
        await Promise.all(part.writes.map((write) => this.#restoreWrite(write)))
    }
  }

  async finishRestore(name: string): Promise<void> {
    await this.#send(['SET', this.#keys.restored, name])
    await this.#endRestore()
  }

  async #openReader(): Promise<ChatReader> {
    const { connection, scripts } = this.#parts
    return new ChatReader(await SteadyConnection.take(connection), scripts, this.#keys)
  }

  async #endRestore(): Promise<void> {
    await this.#markServers('isRestoring', undefined)
    await this.#send(['DEL', this.#keys.restoring])
  }

  /** The rooms there are, those that one step of a walk through all keys finds at a time. */
  async *rooms(): AsyncGenerator<readonly RoomId[]> {
    yield* (await this.#openReader()).rooms()
  }

  async #restoreRoom({ room, epoch, trimmed }: Extract<ArchivePart, { type: 'room' }>): Promise<void> {
    // The archive may be newer than what is here, and begin later.
    await this.#parts.log.trim(room, trimmed.seq)
    const { connection, scripts, lineages } = this.#parts
    const key = this.#keys.head(room)
    const isContinued = await connection.run((client) =>
      scripts.run(
        client,
        'restore-room',
        [key],
        [...lineages.argumentsFor(client, key), epoch, String(trimmed.seq), trimmed.tag, lineages.drawName()],
      ),
    )
    if (isContinued === 1) return
    throw new RangeError(`room ${room} is there, with another log`)
  }

  async #restoreChanges({ room, changes }: Extract<ArchivePart, { type: 'changes' }>): Promise<void> {
    const keys = this.#keys.room(room)
    const args = changes.flatMap(({ seq, tag, message }) => [
      String(seq),
      tag,
      ...(message ? [message.id, String(message.seq), message.body] : ['', '', '']),
    ])
    const names = [keys.head, keys.messages, keys.posts, keys.changes, keys.log]
    const stranger = await this.#run('restore-changes', names, args)
    if (stranger !== 0)
      throw new RangeError(`room ${room} is there, with another log before change ${String(stranger)}`)
  }

  async #restoreWrite({ room, sender, key, digest, seq, tag, messageId, time }: KeptWrite): Promise<void> {
    const keys = this.#keys.room(room)
    const value = [seq, tag, messageId, digest].join('\n')
    const args = [String(seq), value, String(time + KEY_LIFETIME_MS)]
    await this.#run('restore-write', [keys.head, keys.sent(sender, key)], args)
  }

  async #replaceEpoch(epoch: Epoch): Promise<void> {
    await this.#markServers('epoch', epoch)
    await this.#parts.connection.run((client) => this.#parts.lineages.learn(client))
  }

  async #markServers(field: ServerMark, value: string | undefined): Promise<void> {
    await this.#parts.connection.run((client) => this.#parts.lineages.mark(client, field, value))
  }

  async #requireAlone(): Promise<void> {
    const alive = await this.#run('alive', [this.#keys.leases], [])
    const others = (alive as readonly string[]).filter((process) => process !== this.#parts.process)
    if (others.length === 0) return
    const many = others.length === 1 ? 'another process uses' : `${others.length} other processes use`
    throw new BackendError(
      'in_use',
      `${this.#parts.address}: ${many} this chat: stop every Natter on it (one that was killed is forgotten after 30 s)`,
    )
  }

  #run(script: ScriptName, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return this.#parts.connection.run((client) => this.#parts.scripts.run(client, script, keys, args))
  }

  #send(command: readonly string[]): Promise<unknown> {
    return this.#parts.connection.run((client) => client.sendCommand(command))
  }
}

/** What was read before Redis went away, and what would be read after, may be of two servers, of which one has less. */
function explainReadError(error: unknown): unknown {
  if (!(error instanceof ChatError)) return error
  const reason = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return new ArchiveError(`Redis was away while the chat was read${reason}: run it again`, { cause: error })
}
