import type { Command } from 'commander'
import { type Context, contextOf } from 'dogear/cli'
import { ShopClient } from '../client.ts'

/** The tools of each of the shop's verbs. */
export function shopContext(command: Command): Context<ShopClient> {
  return contextOf(command, (url, options) => new ShopClient(url, options))
}
