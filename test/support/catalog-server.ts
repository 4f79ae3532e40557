import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestProject } from 'vitest/node'
import type { Catalog } from './catalog.ts'

/**
 * A server of product catalogs, over real HTTP. `PUT /name` stores one with what shall go wrong,
 * `GET /name/requests` tells which pages were asked for, `GET /name/{number,cursor,link}` are its pages.
 */
export async function startCatalogServer(): Promise<{ url: string; close: () => Promise<void> }> {
  const shelves = new Map<string, Shelf>()
  const server = createServer((request, response) => {
    // oxlint-disable-next-line typescript/no-floating-promises -- what fails fails the request
    answer(shelves, request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** One server for all tests in workerd: `inject('catalogServer')`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, close } = await startCatalogServer()
  project.provide('catalogServer', url)
  return close
}

declare module 'vitest' {
  export interface ProvidedContext {
    catalogServer: string
  }
}

interface Shelf extends Catalog {
  /** The pages asked for so far, from 0, with the status of each answer. */
  requests: [page: number, status: number][]
}

async function answer(
  shelves: Map<string, Shelf>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '', `http://${request.headers.host}`)
  const [, name = '', what = ''] = url.pathname.split('/')
  const json = (body: unknown, headers: Record<string, string> = {}) =>
    response
      .writeHead(200, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body))
  if (request.method === 'PUT') {
    const requests = shelves.get(name)?.requests ?? []
    shelves.set(name, { ...(JSON.parse(await text(request)) as Catalog), requests })
    return void json({})
  }
  const shelf = shelves.get(name)
  if (!shelf) return void response.writeHead(404).end()
  if (what === 'requests') return void json(shelf.requests)

  const perPage = Number(url.searchParams.get('per_page'))
  const page = pageOf(url)
  if (shelf.delayMs) await sleep(shelf.delayMs)
  const fault = shelf.faults?.[page]?.shift()
  shelf.requests.push([page, fault?.status ?? 200])
  if (fault) return void response.writeHead(fault.status, fault.headers).end()
  const products = shelf.products.slice(page * perPage, (page + 1) * perPage)
  const more = shelf.products.length > (page + 1) * perPage
  if (what === 'cursor') return void json({ products, next: more ? `p${page + 1}` : null })
  if (what === 'number' || !more) return void json(products)
  url.searchParams.set('page', `${page + 2}`)
  return void json(products, { link: `<${url.pathname}${url.search}>; rel="next"` })
}

/** Pages from 0, however the request names them. */
function pageOf({ searchParams }: URL): number {
  const after = searchParams.get('after')
  return after === null ? Number(searchParams.get('page') ?? 1) - 1 : Number(after.slice(1))
}
