import { env, exports } from 'cloudflare:workers'

const BASE = 'http://localhost'

/** A request to the Worker, its answer as it comes. */
export function request(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const text =
    typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body)
  return exports.default.fetch(
    new Request(BASE + path, {
      method,
      headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(text !== undefined && { body: text }),
    }),
  )
}

/** The same, its JSON read. */
export async function call(...asked: Parameters<typeof request>) {
  const response = await request(...asked)
  const json = await response.json<Record<string, unknown>>()
  return { status: response.status, type: response.headers.get('content-type'), json }
}

/** Everything a refused request must leave as it was. */
export async function state(): Promise<unknown> {
  const [runs, snapshot] = await Promise.all([
    call('GET', '/api/runs?limit=100'),
    call('GET', '/api/shop/snapshot'),
  ])
  const { objects } = await env.FILES.list()
  return [runs.json, snapshot.json, objects.map(({ key }) => key)]
}
