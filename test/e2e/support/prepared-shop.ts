import type { Run } from '../../../src/client/index.ts'
import type { ShopClient } from '../../../src/shop/client.ts'
import { isEnded } from '../../../src/engine/run.ts'
import { productsUpTo, serveCatalog } from '../../support/catalog.ts'
import { eventually } from './wait.ts'

/** A run in each state that the page has to show. */
export interface PreparedRuns {
  completed: Run
  held: Run
  paused: Run
  waiting: Run
  failed: Run
  cancelled: Run
  /** With a follow-up run. */
  parent: Run
  /** In steps, with items passed over. */
  skipped: Run
  /** An iteration, whose skipped items can be run again. */
  redrivable: Run
}

/** Fills an empty Worker: a shop, and runs of every kind. */
export async function prepareShop(
  client: ShopClient,
  catalogServer: string,
): Promise<PreparedRuns> {
  await client.seed({ orders: 1_200, customers: 200, mixed: true })
  const catalog = await serveCatalog(catalogServer, {
    products: [...productsUpTo(120), { sku: 'BROKEN', version: 1, name: '' }, { sku: 'P0500' }],
  })
  const orders = async (name: string, from: number, options: object) =>
    (await client.start(name, { params: { from, upTo: from + 299 }, ...options })).id
  const ids = {
    completed: await orders('process-orders', 1, { labels: { campaign: 'spring' } }),
    held: await orders('process-orders', 301, {
      hold: true,
      interrupt: { afterItems: 70 },
      commit: { everyItems: 10 },
    }),
    paused: await orders('process-orders-iteration', 601, {
      wait: '1 hour',
      labels: { region: 'North' },
    }),
    waiting: await orders('process-orders-iteration', 901, { wait: '2 hours' }),
    failed: (await client.start('import-orders', { params: { file: 'lost', name: 'lost.csv' } }))
      .id,
    cancelled: await orders('process-orders', 901, { wait: '3 hours' }),
    parent: (await client.start('batch-emails', { params: { subject: 'Spring is here' } })).id,
    skipped: (
      await client.start('resilient', { params: { recoverable: [12, 57, 101], upTo: 150 } })
    ).id,
    redrivable: (await client.start('sync-catalog', { params: { url: catalog.url('number') } })).id,
  }
  await client.command(ids.paused, 'pause')
  await client.command(ids.cancelled, 'cancel')
  const rests: Record<keyof PreparedRuns, (run: Run) => boolean> = {
    completed: ({ status }) => status === 'completed',
    held: ({ held }) => held === true,
    paused: ({ status }) => status === 'paused',
    waiting: ({ status }) => status === 'queued',
    failed: ({ status }) => status === 'failed',
    cancelled: ({ status }) => status === 'cancelled',
    parent: ({ children }) => children.length > 0,
    skipped: ({ status }) => status === 'completed',
    redrivable: ({ status }) => isEnded(status),
  }
  const runs: Partial<PreparedRuns> = {}
  for (const name of Object.keys(ids) as (keyof PreparedRuns)[]) {
    await eventually(`a run that is ${name}`, 60_000, async () => {
      runs[name] = await client.run(ids[name])
      return rests[name](runs[name])
    })
  }
  return runs as PreparedRuns
}
