/** The style of the page below, in a file because the security policy allows none in the page. Apart from the chat's, so that it is there where that has not been built. */
export const NOT_FOUND_CSS = `html { color-scheme: light dark; background: light-dark(#faf9f6, #161816); color: light-dark(#625e55, #a7aba3); }
body { display: grid; place-content: center; justify-items: center; min-block-size: 100dvh; margin: 0; padding: 1.25rem;
  box-sizing: border-box; font: 1rem/1.5 system-ui, sans-serif; text-align: center; text-wrap: balance; }
h1 { margin: 0; color: light-dark(#1f1e1a, #ebebe6); font-size: 1.375rem; font-weight: 650; line-height: 1.3; }
p { max-inline-size: 26rem; margin: 0.5rem 0; }
a { color: light-dark(#12685a, #7accb8); font-weight: 600; }
`

/** What people see at a path that leads nowhere. */
export function createNotFoundPage(base: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Not found – Natter</title>
    <link rel="stylesheet" href="${base}/not-found.css">
  </head>
  <body>
    <h1>There is nothing here</h1>
    <p>The address may have a typing error in it. The names of rooms are letters, digits and <code>. _ : ~ -</code>.</p>
    <p><a href="${base}/">Go to the chat</a></p>
  </body>
</html>
`
}
