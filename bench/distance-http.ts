import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchClient } from './client.ts'
import type { Options } from './options.ts'
import { type Claim, number, spread, type Table } from './report.ts'
import { summarize } from './stats.ts'

/** A server on the loopback address takes so long for each item. */
const ANSWER_MS = 100
const CONCURRENCIES = [1, 6] as const
const ITEMS = { 1: 40, 6: 240 } as const
/** Of what is possible: so many at once, and nothing between them. */
const AIM = 0.85

export interface HttpMeasurement {
  round: number
  concurrency: (typeof CONCURRENCIES)[number]
  itemsPerSecond: number
}

/** Items that wait on HTTP, as an author gets them who sets nothing but the concurrency. */
export async function measureHttp(
  client: BenchClient,
  options: Options,
): Promise<HttpMeasurement[]> {
  return withSlowServer(async (url) => {
    const measurements: HttpMeasurement[] = []
    for (let round = 1; round <= options.rounds; round++) {
      for (const concurrency of CONCURRENCIES) {
        options.progress(
          `distance: round ${round} of ${options.rounds}, HTTP, concurrency ${concurrency}`,
        )
        const items = ITEMS[concurrency]
        const { id } = await client.api.start(`bench-http-${concurrency}`, {
          params: { items, url },
        })
        const { startedAt = '', finishedAt = '', progress } = await client.completed(id)
        if (progress.done !== items) throw new Error(`run ${id} handled ${progress.done} items`)
        const workMs = Date.parse(finishedAt) - Date.parse(startedAt)
        measurements.push({ round, concurrency, itemsPerSecond: (items / workMs) * 1_000 })
      }
    }
    return measurements
  })
}

/** Somebody on the loopback address who takes 100 ms for each answer. */
export async function withSlowServer<T>(work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_request, response) => {
    void sleep(ANSWER_MS).then(() => response.end('{}'))
  })
  try {
    return await work(await listening(server))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const possible = (concurrency: number): number => (concurrency * 1_000) / ANSWER_MS

function ratesOf(measurements: readonly HttpMeasurement[], concurrency: number): number[] {
  return measurements
    .filter((m) => m.concurrency === concurrency)
    .map(({ itemsPerSecond }) => itemsPerSecond)
}

export function httpTable(measurements: readonly HttpMeasurement[]): Table {
  return {
    head: [`items of ${ANSWER_MS} ms HTTP`, 'items/s', 'possible'],
    rows: CONCURRENCIES.map((concurrency) => [
      `concurrency ${concurrency}`,
      spread(summarize(ratesOf(measurements, concurrency)), 1),
      number(possible(concurrency)),
    ]),
  }
}

export function httpClaims(measurements: readonly HttpMeasurement[]): Claim[] {
  return CONCURRENCIES.map((concurrency) => {
    const { median } = summarize(ratesOf(measurements, concurrency))
    return {
      claim: `items that wait on HTTP, concurrency ${concurrency}`,
      aim: `>= ${number(possible(concurrency) * AIM, 1)} items/s`,
      measured: number(median, 1),
      met: median >= possible(concurrency) * AIM,
    }
  })
}
