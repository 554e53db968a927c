// Rolls dice for whoever asks: node examples/bot.ts ws://localhost:5000
import { createChatClient } from '../src/client.ts' // in an app of your own: 'natter/client'

const chat = createChatClient({ url: process.argv[2] ?? 'ws://localhost:5000', name: 'Dice' })
const lobby = chat.room('lobby')
lobby.on('message', ({ text, id, mine, author }) => {
  if (mine || text !== '/roll') return
  const pips = 1 + Math.floor(Math.random() * 6)
  lobby.post(`${author.name} rolls ${pips}`, { replyTo: id })
})
