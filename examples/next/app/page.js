import { getIronSession } from 'iron-session'
import { cookies } from 'next/headers'
import { sessionOptions } from '../session.js'

export default async function Page() {
  const { user } = await getIronSession(await cookies(), sessionOptions)
  if (!user) {
    return (
      <form method="post" action="/login">
        <input name="login" placeholder="ada or bob" />
        <button>Sign in</button>
      </form>
    )
  }
  return (
    <>
      <p>You are {user.name}.</p>
      <script type="module" src="/chat/element.js" async />
      <natter-chat src="/chat" room="lobby" style={{ display: 'block', height: '30rem' }} />
    </>
  )
}
