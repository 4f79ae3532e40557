import { describe, expect, it } from 'vitest'
import { calling, configOf, PLAIN, ProjectFolder, WIRED } from './project-folder.ts'

describe('The tick that dogear init takes', () => {
  const TICKING = () => {
    const folder = new ProjectFolder(PLAIN)
    folder.edit('wrangler.jsonc', '"0 3 * * *"', '"* * * * *"')
    return folder
  }

  it('is another one than that of the host', async () => {
    const folder = TICKING()
    await folder.dogear('init')
    expect(configOf(folder)).toMatchObject({ triggers: { crons: ['* * * * *', '*/1 * * * *'] } })
    expect(folder.read('src/jobs.ts')).toContain(`cron: '*/1 * * * *'`)
    expect((await folder.dogear('init')).stdout).toContain('Nothing changed')
  })

  it('is another one than that which the host has in a named environment', async () => {
    const folder = new ProjectFolder(PLAIN)
    folder.edit(
      'wrangler.jsonc',
      '"triggers"',
      '"env": { "live": { "triggers": { "crons": ["* * * * *", "*/1 * * * *"] } } },\n  "triggers"',
    )
    const { stdout } = await folder.dogear('init')
    expect(folder.read('src/jobs.ts')).toContain(`cron: '* */1 * * *'`)
    expect(stdout).toContain('Add to env.live.triggers.crons: "* */1 * * *"')
  })

  it('is the one that is there, where Dogear was wired before it had code', async () => {
    const folder = TICKING()
    folder.edit(
      'wrangler.jsonc',
      '"InvoiceNumbers" }]',
      '"InvoiceNumbers" }, { "name": "DOGEAR_RUNS", "class_name": "JobRun" }]',
    )
    await folder.dogear('init')
    expect(configOf(folder)).toMatchObject({ triggers: { crons: ['* * * * *'] } })
    expect(folder.read('src/jobs.ts')).not.toContain('cron')
  })

  it('is the one that createDogear names', async () => {
    const folder = new ProjectFolder(PLAIN)
    folder.write('src/jobs.ts', calling(`db: 'BILLING_DB', cron: '*/2 * * * *'`))
    await folder.dogear('init')
    expect(configOf(folder)).toMatchObject({ triggers: { crons: ['0 3 * * *', '*/2 * * * *'] } })
  })

  it('is left to a person where the code says it by no plain text', async () => {
    const folder = new ProjectFolder(PLAIN)
    folder.write('src/jobs.ts', calling('cron: TICKS[0], version: VERSION'))
    const { stdout } = await folder.dogear('init')
    expect(configOf(folder)).toMatchObject({ triggers: { crons: ['0 3 * * *'] } })
    expect(configOf(folder)).not.toHaveProperty('version_metadata')
    expect(configOf(folder)).toMatchObject({ durable_objects: WIRED.durable_objects })
    expect(stdout).toContain(
      'What createDogear in src/jobs.ts says of version, cron is no plain text, so version_metadata, triggers of wrangler.jsonc were left alone.',
    )
  })
})
