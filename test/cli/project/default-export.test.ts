import { describe, expect, it } from 'vitest'
import { PLAIN, ProjectFolder } from './project-folder.ts'

describe('dogear init', () => {
  it.each([
    ['export default app', 'export default jobs.wrap(app) // was: export default app\n'],
    [
      'export default app satisfies ExportedHandler<Env>; // all of it',
      'export default jobs.wrap(app satisfies ExportedHandler<Env>) // was: ',
    ],
    [
      'export {\n  InvoiceNumbers,\n  app as default,\n}',
      'export default jobs.wrap(app) // was: export { InvoiceNumbers, app as default, }',
    ],
    [
      `export { app as default } from './app'`,
      `import { app } from './app'\n  export default jobs.wrap(app) // was: export { app as default } from './app'`,
    ],
    [
      `export { default, InvoiceNumbers } from './app'`,
      `import worker from './app'\n  export default jobs.wrap(worker) // was: `,
    ],
    [
      'class Billing extends WorkerEntrypoint {}\nexport { Billing as default }',
      'async queue(batch) { const mine = await jobs.queue(batch, this.env) ... }',
    ],
    [
      'class Billing extends WorkerEntrypoint {}\nexport default Billing',
      'async queue(batch) { const mine = await jobs.queue(batch, this.env) ... }',
    ],
    [
      'export default class extends WorkerEntrypoint {}',
      'async queue(batch) { const mine = await jobs.queue(batch, this.env) ... }',
    ],
    [
      'export default withSentry({}, handler)',
      'export default jobs.wrap(...) // was: export default withSentry({}, handler)',
    ],
  ])('says what becomes of %s', async (line, advice) => {
    const folder = new ProjectFolder({ ...PLAIN, 'src/index.ts': `${line}\n` })
    expect((await folder.dogear('init', '--dry-run')).stdout).toContain(advice)
  })
})
