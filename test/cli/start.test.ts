import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import pkg from '../../package.json' with { type: 'json' }
import { greet, temporaryFolder } from '../helpers.ts'
import { runNatter, startServerProcess } from '../server-process.ts'
import { assertFails } from './refusal.ts'

test('natter serves the chat, makes its data folder and prints the address', async (t) => {
  const data = join(await temporaryFolder(t), 'not', 'there', 'yet')
  const server = await startServerProcess(t, { args: ['--data', data, '--log-format', 'text'] })
  assert.deepEqual(server.lines, [`Natter is ready: ${server.url}`])
  assert.equal((await fetch(server.url)).status, 200)
  assert.equal((await (await greet(t, server)).ask({ type: 'join', room: 'lobby' }))['type'], 'joined')
})

test('nothing is printed to standard error', async (t) => {
  const server = await startServerProcess(t, { args: ['--data', await temporaryFolder(t)] })
  server.child.kill('SIGTERM')
  assert.equal((await server.exited).stderr, '')
})

test('PORT chooses the port, and --port goes before it', async (t) => {
  const data = await temporaryFolder(t)
  const taken = await takePort(t)
  const failed = await runNatter(t, { args: ['--data', data], env: { PORT: String(taken) } })
  assert.match(failed.stderr, new RegExp(`port ${taken} is in use`))
  await startServerProcess(t, { args: ['--data', data], env: { PORT: String(taken) } })
})

test('the version and the help are told without starting anything', async (t) => {
  assert.equal((await runNatter(t, { args: ['--version'] })).stdout, pkg.version)
  const help = await runNatter(t, { args: ['serve', '--help'] })
  assert.equal(help.code, 0)
  for (const flag of ['--port', '--host', '--data', '--rooms', '--help', '--version'])
    assert.match(help.stdout, new RegExp(`${flag}\\b`))
})

test('a wrong option fails with one line that says what to write', async (t) => {
  await assertFails(t, { args: ['--prot', '5000'] }, /--prot: .*did you mean --port\?/)
  await assertFails(t, { args: ['--port', 'http'] }, /--port: must be a whole number from 0 to 65535, not "http"/)
  await assertFails(
    t,
    { env: { NATTER_MAX_TEXT: '-1' } },
    /NATTER_MAX_TEXT: must be a whole number from 0 up, not "-1"/,
  )
  await assertFails(t, { args: ['sevre'] }, /sevre: there is no such command; natter --help/)
})

test('a value that only the server can judge fails as shortly', async (t) => {
  const data = ['--data', await temporaryFolder(t), '--port', '0']
  await assertFails(t, { args: [...data, '--rooms', 'tea,a b'] }, /--rooms: "a b" cannot name a room/)
  await assertFails(t, { args: [...data, '--origins', 'app.example'] }, /--origins: "app.example" is no origin/)
  await assertFails(t, { args: [...data, '--path', 'chat'] }, /--path: "chat" must be/)
  await assertFails(
    t,
    { args: [...data, '--host', '192.0.2.1'] },
    /--host: 192.0.2.1 is not an address of this machine/,
  )
})

test('a port in use fails with one line', async (t) => {
  const port = String(await takePort(t))
  await assertFails(t, { args: ['--data', await temporaryFolder(t), '--port', port] }, /port \d+ is in use: .*--port/)
})

test('a data folder that cannot be written fails with one line', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'file'), '')
  await assertFails(t, { args: ['--port', '0', '--data', join(folder, 'file')] }, /cannot be written/)
  await assertFails(t, { args: ['--port', '0', '--data', '/proc/natter'] }, /cannot be written/)
})

test('a file that is no database of ours fails with one line, and is left as it is', async (t) => {
  const data = await temporaryFolder(t)
  await writeFile(join(data, 'natter.db'), 'my novel\n'.repeat(1_000))
  await assertFails(t, { args: ['--port', '0', '--data', data] }, /natter\.db is not a Natter database/)
})

test('a damaged database fails with one line that says what to do, and is left as it is', async (t) => {
  const data = await temporaryFolder(t)
  const file = join(data, 'natter.db')
  const first = await startServerProcess(t, { args: ['--data', data] })
  const socket = await greet(t, first)
  for (let i = 0; i < 20; i++)
    await socket.ask({ type: 'post', room: 'tea', key: `key-0000000${i}`, text: 'x'.repeat(3_000) })
  first.child.kill('SIGTERM')
  await first.exited

  const bytes = await readFile(file)
  // All but the first page, which says what the file is.
  bytes.fill(0xff, 4_096)
  await writeFile(file, bytes)
  await assertFails(t, { args: ['--port', '0', '--data', data] }, /natter\.db is damaged .*: restore a backup/)
  assert.deepEqual(await readFile(file), bytes)
})

test('a database path that is a folder fails with one line', async (t) => {
  const data = await temporaryFolder(t)
  await mkdir(join(data, 'natter.db'))
  await assertFails(t, { args: ['--port', '0', '--data', data] }, /natter\.db/)
})

test('a second server on the same data fails with one line, and disturbs the first one not', async (t) => {
  const data = await temporaryFolder(t)
  const first = await startServerProcess(t, { args: ['--data', data] })
  await assertFails(
    t,
    { args: ['--port', '0', '--data', data] },
    /natter\.db is in use: .*share a Redis: --redis, or REDIS_URL/,
  )
  assert.equal((await fetch(`${first.url}/ready`)).status, 200)
})

test('on Heroku, where the disk is wiped, it starts only when told so, and says so', async (t) => {
  const args = ['--data', await temporaryFolder(t)]
  await assertFails(t, { args: [...args, '--port', '0'], env: { DYNO: 'web.1' } }, /--ephemeral/)
  const server = await startServerProcess(t, { args: [...args, '--ephemeral'], env: { DYNO: 'web.1' } })
  assert.match(server.lines.join('\n'), /EPHEMERAL: all messages are lost/)
})

test('a variable that is no option is pointed out', async (t) => {
  const server = await startServerProcess(t, { args: ['--data', await temporaryFolder(t)], env: { NATTER_PROT: '1' } })
  assert.match(server.lines.join('\n'), /NATTER_PROT is no option/)
})

async function takePort(t: Parameters<typeof temporaryFolder>[0]): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}
