import type { Command } from 'commander'
import { type Context, contextOf } from 'dogear/cli'
import { ShopClient } from '../client.ts'

/** What each of the shop's verbs works with. */
export function shopContext(command: Command): Context<ShopClient> {
  return contextOf(command, (url, options) => new ShopClient(url, options))
}
