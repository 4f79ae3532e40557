import { Webhook } from 'standardwebhooks'

/** What Dogear sends; see docs/webhooks-and-alerts.md. */
interface Told {
  type: string
  timestamp: string
  data: { run?: { id: string; job: string; status: string; error?: { message: string } } }
}

/** Takes a webhook: checks who sent it, then handles each id once, however often it comes. */
export async function receive(
  request: Request,
  { secret, seen, handle }: { secret: string; seen: Set<string>; handle: (told: Told) => void },
): Promise<Response> {
  const body = await request.text()
  let told: Told
  try {
    // Throws for a wrong signature, and for a time more than five minutes away.
    told = new Webhook(secret).verify(body, Object.fromEntries(request.headers)) as Told
  } catch {
    return new Response('not signed by Dogear', { status: 401 })
  }
  const id = request.headers.get('webhook-id') ?? ''
  if (!seen.has(id)) handle(told)
  seen.add(id)
  return new Response(null, { status: 204 })
}
