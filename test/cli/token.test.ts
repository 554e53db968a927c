import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { decodeJwt, exportJWK, exportSPKI, generateKeyPair } from 'jose'
import { openSocket, temporaryFolder } from '../helpers.ts'
import type { TestSocket } from '../helpers.ts'
import { SECRET, sign } from '../identity/tokens.ts'
import { runNatter, startServerProcess } from '../server-process.ts'
import type { ProcessOptions } from '../server-process.ts'
import { assertFails } from './refusal.ts'

const env = { NATTER_TOKEN_SECRET: SECRET }

/** Fails unless `natter` does, with one line that repeats no secret. */
async function assertRefused(t: TestContext, options: ProcessOptions, says: RegExp): Promise<void> {
  const line = await assertFails(t, options, says)
  assert.ok(!line.includes(SECRET) && !line.includes('short secret'))
}

test('natter token prints a token that the server of the same secret takes, and nothing else', async (t) => {
  const minted = await runNatter(t, {
    args: ['token', '--sub', 'ada', '--name', 'Ada', '--role', 'bot', '--expires', '7d'],
    env,
  })
  assert.deepEqual([minted.code, minted.stderr], [0, ''])
  const { iat, exp, ...claims } = decodeJwt(minted.stdout)
  assert.deepEqual(claims, { sub: 'ada', name: 'Ada', role: 'bot', aud: 'natter' })
  assert.equal(exp! - iat!, 7 * 86_400)

  const data = await temporaryFolder(t)
  const server = await startServerProcess(t, { args: ['--data', data, '--log-format', 'text'], env })
  const greeted = await (await openSocket(t, server)).ask({ type: 'hello', token: minted.stdout })
  assert.deepEqual(greeted['user'], { id: 'ada', name: 'Ada' })
  const stranger: TestSocket = await openSocket(t, server)
  assert.equal((await stranger.ask({ type: 'hello', name: 'Eve' }))['code'], 'unauthorized')
  assert.equal((await stranger.closed).code, 4401)
  const expired = await sign({ aud: 'natter', exp: 1 })
  await (await openSocket(t, server)).ask({ type: 'hello', token: expired })
  const line = await server.line((text) => text.includes('it has expired'))
  assert.match(line, / WARN unauthorized connection=\S+ address=\S+ reason="the token was refused: it has expired"$/)
  for (const secret of [SECRET, minted.stdout, expired]) assert.ok(!server.lines.join('\n').includes(secret))
})

test('natter token says in one line what it needs', async (t) => {
  await assertRefused(t, { args: ['token'], env }, /--sub: say whose token it is/)
  await assertRefused(t, { args: ['token', '--sub', 'ada'] }, /--token-secret: .*NATTER_TOKEN_SECRET/)
  await assertRefused(
    t,
    { args: ['token', '--sub', 'ada', '--token-secret', 'short secret'] },
    /--token-secret: must be 32 bytes or more, and has 12/,
  )
  await assertRefused(t, { args: ['token', '--sub', 'ada', '--expires', '0'], env }, /--expires: must be more than 0/)
  await assertRefused(
    t,
    { args: ['token', '--sbu', 'ada'], env },
    /--sbu: there is no such option; did you mean --sub\?/,
  )
  const help = await runNatter(t, { args: ['token', '--help'] })
  assert.match(help.stdout, /^Usage: natter token \[options\]/)
  assert.match(help.stdout, /--sub <id>/)
})

test('a server whose token options are given by half, or weak, does not start, and says what to set', async (t) => {
  const data = join(await temporaryFolder(t), 'never-made')
  const args = ['serve', '--port', '0', '--data', data]
  const half = /without a key no token can be checked: set --token-secret, --token-public-key or --token-jwks too/
  await assertRefused(t, { args, env: { NODE_ENV: 'production', NATTER_TOKEN_AUDIENCE: 'chat.example' } }, half)
  await assertRefused(t, { args: [...args, '--token-algorithm', 'HS256'] }, half)
  const empty = { NODE_ENV: 'production', NATTER_TOKEN_SECRET: '' }
  await assertRefused(t, { args, env: empty }, /NATTER_TOKEN_SECRET: is empty; set it to 32 bytes or more/)
  await assertRefused(
    t,
    { args: [...args, '--token-jwks', 'https://app.example/keys'], env },
    /give one of --token-secret/,
  )
  await assertRefused(t, { args: [...args, '--no-guests'] }, /--no-guests: nobody could enter: set --token-secret/)
  await assertRefused(
    t,
    { args: [...args, '--token-public-key', join(data, 'key.pem')] },
    /--token-public-key: .* cannot be read/,
  )
  const weak = { NATTER_TOKEN_SECRET: 'short secret' }
  await assertRefused(t, { args, env: weak }, /--token-secret: must be 32 bytes or more, and has 12; "openssl rand/)
  const forgotten = { args: [...args, '--origins', 'https://app.example'], env: { NODE_ENV: 'production' } }
  await assertRefused(t, forgotten, /--origins: without a key everybody would be a guest: set NATTER_TOKEN_SECRET/)
  const { publicKey } = await generateKeyPair('EdDSA', { extractable: true })
  const key = { NATTER_TOKEN_SECRET: await exportSPKI(publicKey) }
  await assertRefused(t, { args, env: key }, /--token-secret: this is a key .*--token-public-key/)
  const withoutAlgorithm = ['--token-jwks', 'https://app.example/keys']
  await assertRefused(t, { args: [...args, ...withoutAlgorithm] }, /--token-algorithm: say which/)
})

test('tokens are checked with the public key in a file, as PEM or JWK; guests may be let in beside them', async (t) => {
  const folder = await temporaryFolder(t)
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  await writeFile(join(folder, 'key.pem'), await exportSPKI(publicKey))
  await writeFile(join(folder, 'key.json'), JSON.stringify(await exportJWK(publicKey)))
  const token = await sign({ aud: 'chat.example', iss: 'app' }, { header: { alg: 'EdDSA' }, key: privateKey })
  for (const file of ['key.pem', 'key.json']) {
    const options = [
      '--token-algorithm',
      'EdDSA',
      '--token-audience',
      'chat.example',
      '--token-issuer',
      'app',
      '--guests',
    ]
    const args = ['--data', join(folder, file.slice(4)), '--token-public-key', join(folder, file), ...options]
    const server = await startServerProcess(t, { args })
    const greeted = await (await openSocket(t, server)).ask({ type: 'hello', token })
    assert.deepEqual(greeted['user'], { id: 'ada', name: 'Ada' })
    const guest = await (await openSocket(t, server)).ask({ type: 'hello', name: 'Eve' })
    assert.equal(guest['type'], 'welcome')
  }
})

test('in production a chat for the pages of others starts where guests are said to be meant, or has pages of its own only', async (t) => {
  const folder = await temporaryFolder(t)
  for (const args of [['--origins', 'https://app.example', '--guests'], []]) {
    const data = join(folder, String(args.length))
    const server = await startServerProcess(t, { args: ['--data', data, ...args], env: { NODE_ENV: 'production' } })
    const guest = await (await openSocket(t, server)).ask({ type: 'hello', name: 'Eve' })
    assert.equal(guest['type'], 'welcome')
  }
})
