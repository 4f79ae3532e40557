import type { Snapshot } from './client.ts'
import type { StartOptions } from 'dogear/page'

/** The same job in both styles, and how the work is shared out so that they do not race for the same rows. */
export interface Pair {
  id: string
  words: string
  /** In steps, and as an iteration. */
  jobs: readonly [string, string]
  /** The work that is shared out, in a sentence. */
  share: string
  params: (shop: Snapshot) => readonly [StartOptions['params'], StartOptions['params']]
}

const ORDERS: Pair = {
  id: 'orders',
  words: 'Process orders',
  jobs: ['process-orders', 'process-orders-iteration'],
  share: 'Each has half of the orders: over the same ones they would race.',
  params: ({ orders }) => {
    const half = Math.floor(orders.total / 2)
    return [{ upTo: half }, { from: half + 1 }]
  },
}

export const PAIRS: readonly Pair[] = [
  ORDERS,
  {
    id: 'reports',
    words: 'Generate reports',
    jobs: ['generate-reports', 'generate-reports-iteration'],
    share: 'Both read the same orders, and write reports of their own.',
    params: () => [{}, {}],
  },
  {
    id: 'emails',
    words: 'Batch emails',
    jobs: ['batch-emails', 'batch-emails-iteration'],
    share: 'Both write to all customers, each with a campaign of its own.',
    params: () => [{ subject: 'In steps' }, { subject: 'As an iteration' }],
  },
]

/** The pair of that name; the first one when there is none. */
export function pairOf(name: string | undefined): Pair {
  return PAIRS.find(({ id }) => id === name) ?? ORDERS
}

/** The code that their authors wrote; each file is loaded when it is to be shown. */
const SOURCES = import.meta.glob<string>(
  '../jobs/{process-orders,generate-reports,batch-emails}{,-iteration}.ts',
  { query: '?raw', import: 'default' },
)

export async function sourceOf(job: string): Promise<string> {
  const load = SOURCES[`../jobs/${job}.ts`]
  if (!load) throw new Error(`There is no source of ${job} on this page`)
  return load()
}

/** The paces at which the runs commit: the slower, the more there is to watch. */
export const PACES = [
  { id: 'item', words: 'each item, slow enough to watch', commit: { everyItems: 1 } },
  { id: 'ten', words: 'every ten items', commit: { everyItems: 10 } },
  { id: 'own', words: 'as the job itself would, fast', commit: undefined },
] as const
