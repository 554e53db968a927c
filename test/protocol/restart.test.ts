import assert from 'node:assert/strict'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createSqliteBackend } from '../../src/index.ts'
import type { Backend } from '../../src/index.ts'
import { startServer, temporaryFolder } from '../helpers.ts'
import { Peer } from './peer.ts'
import type { SentCommand } from './peer.ts'
import { hasOwnServer, newKey, newRoom } from './target.ts'

interface Run {
  readonly url: string
  /** Ends the server and lets go of its file. */
  stop(): Promise<void>
}

async function start(t: TestContext, file: string): Promise<Run> {
  const backend: Backend = createSqliteBackend({ file })
  const server = await startServer(t, { backend })
  const stop = async (): Promise<void> => {
    await server.close()
    await backend.close()
  }
  t.after(stop)
  return { url: server.socketUrl, stop }
}

/** A server's whole life: started on the file, posted to by a new guest, stopped. */
async function postOnce(t: TestContext, file: string, post: SentCommand) {
  const run = await start(t, file)
  const peer = await Peer.connect(t, run.url)
  const { guestToken } = await peer.hello()
  const { position } = await peer.ask('ack', post)
  await run.stop()
  return { guestToken, position }
}

// Whoever points the suite at a server does not want it stopped.
if (hasOwnServer) {
  test('after a restart positions, guests, keys and read markers are what they were', async (t) => {
    const [file, room] = [join(await temporaryFolder(t), 'chat.db'), newRoom()]
    const write = { type: 'post', room, key: newKey(), text: 'before' } as const
    const first = await start(t, file)
    const before = await Peer.connect(t, first.url)
    const { user, guestToken } = await before.hello()
    const ack = await before.ask('ack', write)
    await before.ask('ok', { type: 'read', room, seq: 1 })
    await first.stop()

    const second = await start(t, file)
    const after = await Peer.connect(t, second.url)
    assert.equal((await after.hello({ guestToken })).user.id, user.id)
    const joined = await after.join(room, ack.position)
    assert.deepEqual([joined.resumed, joined.position, joined.readSeq], [true, ack.position, 1])
    const again = await after.ask('ack', write)
    assert.deepEqual([again.position, again.messageId], [ack.position, ack.messageId])
    assert.equal((await after.post(room, 'after')).position.seq, 2)
  })

  test('a disk that was wiped is noticed: every position is reset', async (t) => {
    const room = newRoom()
    const first = await start(t, join(await temporaryFolder(t), 'chat.db'))
    const before = await Peer.connect(t, first.url)
    await before.hello()
    const { position } = await before.post(room, 'lost')
    await first.stop()

    const second = await start(t, join(await temporaryFolder(t), 'chat.db'))
    const after = await Peer.connect(t, second.url)
    await after.hello()
    await after.post(room, 'the first of another log')
    const joined = await after.join(room, position)
    assert.deepEqual([joined.resumed, joined.reset, joined.messages.length], [false, 'epoch', 1])
  })

  test('an older backup is noticed: positions past it are reset as ahead, and as a fork once the log went on', async (t) => {
    const [folder, room] = [await temporaryFolder(t), newRoom()]
    const [file, backup] = [join(folder, 'chat.db'), join(folder, 'backup.db')]
    await postOnce(t, file, { type: 'post', room, key: newKey(), text: 'kept' })
    await copyFile(file, backup)
    const lost = { type: 'post', room, key: newKey(), text: 'lost' } as const
    const { guestToken, position } = await postOnce(t, file, lost)
    await copyFile(backup, file)

    const { url } = await start(t, file)
    const peer = await Peer.connect(t, url)
    await peer.hello({ guestToken })
    assert.equal((await peer.join(room, position)).reset, 'ahead')
    await peer.post(room, 'in its place')
    assert.equal((await peer.join(room, position)).reset, 'fork')
    // What the client still has is taken as if it were new, and once.
    const again = [await peer.ask('ack', lost), await peer.ask('ack', lost)]
    assert.deepEqual(
      again.map((ack) => ack.position.seq),
      [3, 3],
    )
  })
}
