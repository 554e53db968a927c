export const sessionOptions = {
  cookieName: 'session',
  password: 'change me to at least 32 random characters',
  cookieOptions: { secure: process.env.NODE_ENV === 'production' },
}
