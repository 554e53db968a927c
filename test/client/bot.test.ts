import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { startServer } from '../helpers.ts'
import { startClient, until } from '../helpers/clients.ts'

test('the bot of the examples answers whoever asks, as an answer to the question', async (t) => {
  const server = await startServer(t)
  const lobby = startClient(t, { url: server.url, name: 'Ada' }).room('lobby')
  const bot = spawn(process.execPath, ['examples/bot.ts', server.socketUrl], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  t.after(async () => {
    bot.kill()
    if (bot.exitCode === null && bot.signalCode === null) await once(bot, 'exit')
  })
  await until(lobby, ({ members }) => members?.some(({ name }) => name === 'Dice') ?? false)
  const { messageId } = await lobby.post('/roll').stored
  await until(lobby, ({ messages }) => messages.length === 2)
  const [, answer] = lobby.state.messages
  assert.match(answer?.text ?? '', /^Ada rolls [1-6]$/)
  assert.equal(answer?.replyTo, messageId)
  assert.equal(answer?.author.name, 'Dice')
})
