import { describe, expect, it } from 'vitest'
import { calling, PLAIN, ProjectFolder } from './project-folder.ts'

describe('What dogear init says at its end', () => {
  it('names the job, the path and the port of this Worker', async () => {
    const folder = new ProjectFolder(PLAIN)
    folder.write('src/jobs.ts', calling(`db: 'BILLING_DB', path: '/work'`))
    folder.edit('wrangler.jsonc', '"triggers"', '"dev": { "port": 3000 },\n  "triggers"')
    expect((await folder.dogear('init')).stdout).toContain(`Then:

  npx wrangler dev                                                   the page: http://localhost:3000/work
  npx dogear run send-bills --wait --url http://localhost:3000/work  in another terminal
  npx dogear doctor --url http://localhost:3000/work                 when something does not work
`)
    folder.write('package.json', '{ "dogear": { "url": "http://localhost:5173/work" } }')
    const { stdout } = await folder.dogear('init')
    expect(stdout).toContain('the page: http://localhost:5173/work\n')
    expect(stdout).toContain('  npx dogear run send-bills --wait  in another terminal')
  })

  it('offers no page and no run of a Worker that has neither', async () => {
    const folder = new ProjectFolder(PLAIN)
    const headless = calling(`db: 'BILLING_DB'`).replace('dogear/worker', 'dogear/headless')
    folder.write('src/jobs.ts', headless)
    const { stdout } = await folder.dogear('init')
    expect(stdout).toContain('Then:\n\n  npx wrangler dev\n  npx dogear doctor  when')
    expect(stdout).not.toMatch(/the page|dogear run/)
  })
})
