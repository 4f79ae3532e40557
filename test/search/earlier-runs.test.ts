import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { SEARCH } from '../../src/schema/v5.ts'
import { addRuns, clearRuns } from './support/many-runs.ts'

const TABLES = ['dogear_label_parts', 'dogear_label_names', 'dogear_run_hours']

async function rows(): Promise<unknown[]> {
  const answers = await env.DB.batch(
    TABLES.map((table) => env.DB.prepare(`SELECT * FROM ${table}`)),
  )
  return answers.map(({ results }) => results)
}

describe('Runs of before the tables of search', () => {
  beforeAll(clearRuns)

  it('are found and counted as if they had come after', async () => {
    await addRuns({
      from: 1,
      to: 500,
      label: "'order', 'order-' || n",
      failed: 'n % 9 = 0',
      active: 'n % 7 = 0',
    })
    await addRuns({ from: 501, to: 510, label: "'banana', 'banana'" })
    await addRuns({ from: 511, to: 515, label: "'short', 'ab'" })
    const after = await rows()
    await env.DB.batch(TABLES.map((table) => env.DB.prepare(`DELETE FROM ${table}`)))
    const fill = SEARCH.filter((sql) => sql.startsWith('INSERT'))
    expect(fill).toHaveLength(3)
    await env.DB.batch(fill.map((sql) => env.DB.prepare(sql)))
    expect(await rows()).toEqual(after)
    for (const [index, table] of TABLES.entries()) {
      expect((after[index] as unknown[]).length, table).toBeGreaterThan(0)
    }
  })

  it('are looked through for a moment only: of their labels, the first two thousand', async () => {
    await clearRuns()
    await addRuns({ from: 1, to: 2_500, label: "'n', printf('%03d', n)" })
    await env.DB.prepare('DELETE FROM dogear_label_parts').run()
    const fill = SEARCH.find((sql) => sql.startsWith('INSERT INTO dogear_label_parts')) ?? ''
    await env.DB.prepare(fill).run()
    const labels = 'SELECT count(DISTINCT value) AS n FROM dogear_label_parts'
    expect(await env.DB.prepare(labels).first('n')).toBe(2_000)
  })
})
