import { Argument, type Command } from 'commander'
import { shopContext } from './context.ts'
import { demoEmails } from './demo-emails.ts'
import { demoOrders } from './demo-orders.ts'
import { demoReports } from './demo-reports.ts'
import { durationText, examples, say } from 'dogear/cli'
import { onStage, type Stage, type Story } from './stage.ts'

const DEMOS = { orders: demoOrders, reports: demoReports, emails: demoEmails } satisfies Record<
  string,
  (stage: Stage) => Promise<Story[]>
>

export function addDemoVerb(program: Command): void {
  program
    .command('demo')
    .description('show jobs stop and go on, each in both styles, on a Worker of its own')
    .addArgument(
      new Argument('[which]', 'what to show').choices(Object.keys(DEMOS)).default('orders'),
    )
    .option('--pause', 'ask before resuming')
    .addHelpText(
      'after',
      `${examples('demo orders', 'demo reports --pause', 'demo emails --json')}

orders   1,000 orders: held at 300 exactly, resumed, killed (kill -9), back
reports  100 customers with 50 orders each: held within a customer's orders
emails   5,000 recipients in batches of 50: held before batch 30, then delivered`,
    )
    .action(
      async (
        which: keyof typeof DEMOS,
        { pause = false }: { pause?: boolean },
        command: Command,
      ) => {
        const { json, print } = shopContext(command)
        const tell = (text: string) => void (json || say(text))
        const startedAt = Date.now()
        const runs = await onStage({ json, pause: pause && !json, say: tell }, DEMOS[which])
        const ok = runs.every(({ verification }) => verification.ok)
        const tookMs = Date.now() - startedAt
        const verdict = ok
          ? 'Everything was done exactly once'
          : 'NOT everything was done exactly once'
        print({ ok, tookMs, runs }, `\n${verdict}. (${durationText(tookMs)} in all)`)
        if (!ok) process.exitCode = 1
      },
    )
}
