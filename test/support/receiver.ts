/** What a receiver of webhooks was sent. */
export interface Received {
  url: string
  headers: Record<string, string>
  body: string
  message: {
    type: string
    timestamp: string
    data: { run?: Record<string, unknown>; alert?: Record<string, unknown> }
  }
}

type Reply = (request: Request) => Response | Promise<Response>

/** Receives webhooks in the place of `fetch`; answers 204 unless told otherwise. */
export class Receiver {
  readonly received: Received[] = []
  /** Answers in turn; after the last one 204. */
  replies: Reply[] = []

  readonly fetch = async (request: Request): Promise<Response> => {
    const { url } = request
    const body = await request.clone().text()
    const message = JSON.parse(body) as Received['message']
    this.received.push({ url, headers: Object.fromEntries(request.headers), body, message })
    const reply = this.replies.shift()
    return reply ? reply(request) : new Response(null, { status: 204 })
  }

  get types(): string[] {
    return this.received.map(({ message }) => message.type)
  }

  get ids(): (string | undefined)[] {
    return this.received.map(({ headers }) => headers['webhook-id'])
  }
}

/** Never answers; gives up with the request. */
export const hang: Reply = ({ signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })

export const unreachable: Reply = () => Promise.reject(new TypeError('Network connection lost'))

export const answer =
  (status: number, headers: Record<string, string> = {}): Reply =>
  () =>
    new Response(status === 204 ? null : 'said the receiver', { status, headers })
