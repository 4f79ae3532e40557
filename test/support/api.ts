import { env, exports } from 'cloudflare:workers'

const BASE = 'http://localhost'

/** A request to the Worker, its answer read. */
export async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const text =
    typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body)
  const response = await exports.default.fetch(
    new Request(BASE + path, {
      method,
      headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(text !== undefined && { body: text }),
    }),
  )
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
