import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline, Readable } from 'node:stream'
import { servePage } from '../../../src/page/index.ts'

/** A site with a page of its own, and Dogear below a path. */
export interface Mounted {
  /** Of the site, without the path. */
  readonly url: string
  close(): Promise<void>
}

/** Serves the page under `base`, with the API of the Worker at `worker`; everything else is the site's own page. */
export async function mountPage(worker: string, base: string): Promise<Mounted> {
  const server = createServer((incoming, outgoing) => {
    void answerTo(incoming, worker, base).then((answer) => send(answer, outgoing))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function answerTo(
  { url = '/', method = 'GET', headers: { accept = '*/*' } }: IncomingMessage,
  worker: string,
  base: string,
): Promise<Response> {
  const request = new Request(`http://site${url}`, { method, headers: { accept } })
  const page = servePage(request, base)
  if (page) return page
  if (!url.startsWith(`${base}/`)) {
    return new Response('The own page of the site', { headers: { 'content-type': 'text/html' } })
  }
  return fetch(worker + url.slice(base.length), { method, headers: { accept } })
}

function send(answer: Response, outgoing: ServerResponse): void {
  if (outgoing.destroyed) return void answer.body?.cancel()
  const headers = [...answer.headers].filter(([name]) => !name.startsWith('content-encoding'))
  outgoing.writeHead(answer.status, Object.fromEntries(headers))
  if (!answer.body) return void outgoing.end()
  // Either side may leave: a tab that is closed, a Worker that is stopped.
  pipeline(Readable.fromWeb(answer.body as never), outgoing, () => undefined)
}
