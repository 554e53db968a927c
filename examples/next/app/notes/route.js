export async function POST(request) {
  const { text } = await request.json()
  return Response.json({ saved: text })
}
