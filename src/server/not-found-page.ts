/** What people see at a path that leads nowhere. Plain enough to need no style sheet. */
export function createNotFoundPage(base: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Not found – Natter</title>
  </head>
  <body>
    <h1>There is nothing here</h1>
    <p>The address may have a typing error in it. The names of rooms are letters, digits and <code>. _ : ~ -</code>.</p>
    <p><a href="${base}/">Go to the chat</a></p>
  </body>
</html>
`
}
