import { app } from './app'
import { jobs } from './jobs'
import { type Mail, sendMails } from './mails'

export { InvoiceNumbers } from './numbers'
export const { JobRun } = jobs

export default jobs.wrap({
  fetch: app.fetch,
  queue: sendMails,
  async scheduled(_controller, env) {
    await env.BILLING_DB.prepare(
      `UPDATE invoices SET status = 'overdue' WHERE status = 'open' AND due_on < date('now', '-60 days')`,
    ).run()
  },
} satisfies ExportedHandler<Env, Mail>)
