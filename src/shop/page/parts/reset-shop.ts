import { client } from '../client.ts'
import { confirmed } from 'dogear/page'

/** Makes every order pending again, if that is meant. */
export async function resetShop(): Promise<void> {
  const sure = await confirmed({
    title: 'Make every order pending again?',
    text: 'The log, the reports and the mailbox are emptied. Runs stay.',
    action: 'Reset the shop',
  })
  if (sure) await client.reset()
}
