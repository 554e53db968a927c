import { getIronSession } from 'iron-session'
import { cookies } from 'next/headers'
import { sessionOptions } from '../../session.js'

// Yours come from a database, and sign in with a password.
const users = { ada: { id: 'u1', name: 'Ada Lovelace' }, bob: { id: 'u2', name: 'Bob Ross' } }

export async function POST(request) {
  const login = (await request.formData()).get('login')
  if (!Object.hasOwn(users, login)) return new Response('Nobody of that name', { status: 403 })
  const session = await getIronSession(await cookies(), sessionOptions)
  session.user = users[login]
  await session.save()
  return new Response(null, { status: 303, headers: { Location: '/' } })
}
