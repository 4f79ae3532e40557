import { openAsBlob } from 'node:fs'
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import {
  CliError,
  examples,
  follow,
  parseCount,
  parseSeed,
  requireCompleted,
  runText,
  UsageError,
} from 'dogear/cli'
import type { SeedOptions, ShopClient, Snapshot } from '../client.ts'
import { shopContext } from './context.ts'
import { snapshotText } from './snapshot-text.ts'

/** The verbs on the shop's data: seed, import, snapshot, reset, clean. */
export function addShopVerbs(program: Command): void {
  addSeedVerb(program)
  addImportVerb(program)
  addSnapshotVerb(program, 'snapshot', 'count what the shop holds', (client) => client.snapshot())
  addSnapshotVerb(
    program,
    'reset',
    'make every order pending again; empty log, reports and mailbox',
    (client) => client.reset(),
  )
  addSnapshotVerb(program, 'clean', 'remove all shop data', (client) => client.clean())
}

function addSeedVerb(program: Command): void {
  program
    .command('seed')
    .description('fill the shop with customers and orders (1,000 orders over 100 customers)')
    .addOption(new Option('--quick', '100 orders').conflicts('orders'))
    .option('--orders <n>', 'this many orders', parseCount)
    .option('--customers <n>', 'this many customers', parseCount)
    .addOption(
      new Option('--orders-per-customer <n>', 'this many orders for each customer')
        .argParser(parseCount)
        .conflicts(['orders', 'quick']),
    )
    .option('--mixed', '60 % of the orders pending, the others done already')
    .option('--seed <s>', 'the number that fixes what chance gives', parseSeed)
    .addHelpText(
      'after',
      examples('seed --quick', 'seed --orders 5000 --customers 200 --mixed', 'seed --seed 7'),
    )
    .action(async (options: SeedOptions, command) => {
      const { client, print } = shopContext(command)
      const snapshot = await client.seed(options)
      print(snapshot, snapshotText(snapshot))
    })
}

function addImportVerb(program: Command): void {
  program
    .command('import')
    .description(
      'import a file of order lines (UCI Online Retail columns), and wait until it is in',
    )
    .argument('<file>', 'a .csv or .csv.gz file, in UTF-8')
    .option('--no-wait', 'start the import and return')
    .addHelpText('after', examples('import online-retail.csv.gz', 'import lines.csv --no-wait'))
    .action(async (file: string, options: { wait: boolean }, command) => {
      const { client, display, paint, print } = shopContext(command)
      if (!/\.csv(\.gz)?$/.test(file)) {
        throw new UsageError(`'${file}' is not a .csv or .csv.gz file`)
      }
      const started = await client.upload(basename(file), await open(file))
      const run = options.wait ? await follow(client, started.id, { display: display() }) : started
      print(run, runText(run, paint))
      if (options.wait) requireCompleted(run)
    })
}

function addSnapshotVerb(
  program: Command,
  name: string,
  description: string,
  ask: (client: ShopClient) => Promise<Snapshot>,
): void {
  program
    .command(name)
    .description(description)
    .addHelpText('after', examples(name, `${name} --json`))
    .action(async (_options, command) => {
      const { client, print } = shopContext(command)
      const snapshot = await ask(client)
      print(snapshot, snapshotText(snapshot))
    })
}

/** A file's content without reading it in: fetch streams it. */
async function open(file: string): Promise<Blob> {
  try {
    return await openAsBlob(file)
  } catch (error) {
    throw new CliError('unreadable_file', `cannot read ${file}`, { cause: error })
  }
}
