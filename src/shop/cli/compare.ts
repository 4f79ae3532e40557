import type { Command } from 'commander'
import { examples, parseCount, say, silentDisplay, UsageError } from 'dogear/cli'
import { comparisonText } from './comparison-text.ts'
import { compareStyles } from './comparison.ts'
import type { ShopClient } from '../client.ts'
import { shopContext } from './context.ts'

/** With fewer, commits are too few to tell anything. */
const LEAST_ORDERS = 100

interface CompareOptions {
  orders: number
  rounds: number
  yes?: boolean
}

export function addCompareVerb(program: Command): void {
  program
    .command('compare')
    .description(
      'do the same work in both styles, by turns, and compare what it took; REPLACES THE SHOP: what it holds is lost',
    )
    .option('--orders <n>', 'this many orders', parseCount, 1_000)
    .option('--rounds <n>', 'each style this many times', parseCount, 3)
    .option('--yes', 'replace the shop also of a Worker that is not on this machine')
    .addHelpText(
      'after',
      `${examples('compare', 'compare --orders 5000 --rounds 5 --json')}

Checkpoint overhead: each round settles the same orders once with the job's own
commit policy and once with a commit for each order. Both write the same
effects, so what the second takes longer is the price of the commits it has
more: the way to D1 and back, guard, checkpoint and ledger row, and the
hand-overs between slices, since more statements fill more slices. That price,
times the commits, as a part of the time. An upper bound: without checkpoints,
too, the effects would go to D1 in some batch.`,
    )
    .action(async ({ orders, rounds, yes = false }: CompareOptions, command) => {
      const { client, json, display, paint, print } = shopContext(command)
      if (orders < LEAST_ORDERS) {
        throw new UsageError(
          `--orders ${orders} is too few to compare; expected ${LEAST_ORDERS} or more`,
        )
      }
      if (!yes) requireLoopback(client)
      const comparison = await compareStyles(client, {
        orders,
        rounds,
        say: (text) => void (json || say(text)),
        display: process.stdout.isTTY ? display : () => silentDisplay,
      })
      print(comparison, `\n${comparisonText(comparison, paint)}`)
      if (!comparison.ok) process.exitCode = 1
    })
}

function requireLoopback({ url }: ShopClient): void {
  const { hostname } = new URL(url)
  if (/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return
  throw new UsageError(
    `compare replaces the shop at ${url}, which is not on this machine; say --yes if it may`,
  )
}
