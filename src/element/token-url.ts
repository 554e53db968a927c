/**
 * A token from an address of the page's own site, which answers for the signed-in user: the token as text, or `{"token"}`.
 *
 * Undefined where it says that nobody is signed in: by 401 or 403, or by a page, to which many an app redirects who has to sign in.
 *
 * @throws {TypeError} where the address is another site's, or what it answers is no token.
 */
export async function tokenFrom(url: string): Promise<string | undefined> {
  if (new URL(url).origin !== location.origin) {
    throw new TypeError('token-url must be of the same origin as the page: use tokenProvider for any other')
  }
  const response = await fetch(url, { credentials: 'same-origin', cache: 'no-store' })
  if (response.status === 401 || response.status === 403) return undefined
  if (!response.ok) throw new Error(`token-url answered ${response.status}`)
  const answer = (await response.text()).trim()
  // Not by its type: frameworks call any text HTML. Not by the redirect: some add a slash to an address by one.
  return answer.startsWith('<') ? undefined : parseToken(answer)
}

function parseToken(answer: string): string {
  const token = answer.startsWith('{') ? (JSON.parse(answer) as { readonly token?: unknown }).token : answer
  if (typeof token !== 'string' || token.trim() === '') throw new TypeError('token-url answered without a token')
  return token.trim()
}
