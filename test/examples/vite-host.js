// An app with Vite's dev server in middleware mode and a chat, which is attached `before` or `after` Vite: copied by
// frameworks.test.ts to where both are installed. Prints the address of its hot reload.
import { createServer } from 'node:http'
import { createChat, createMemoryBackend } from 'natter'
import { createServer as createVite } from 'vite'

const [order] = process.argv.slice(2)
const chat = createChat({ path: '/chat', backend: createMemoryBackend() })
const server = createServer((request, response) =>
  chat.handler(request, response, () => vite.middlewares(request, response)),
)
if (order === 'before') chat.attach(server)
const vite = await createVite({
  server: { middlewareMode: true, hmr: { server } },
  appType: 'custom',
  logLevel: 'error',
})
if (order === 'after') chat.attach(server)

server.listen(0, 'localhost', () =>
  process.stdout.write(`http://localhost:${server.address().port}/?token=${vite.config.webSocketToken}\n`),
)
process.once('SIGTERM', async () => {
  server.close()
  await chat.close()
  await vite.close()
})
