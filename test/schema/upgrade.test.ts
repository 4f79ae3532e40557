import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { Schema } from '../../src/schema/schema.ts'
import { VERSIONS } from '../../src/schema/versions.ts'
import { isAppend, World } from '../older/world.ts'
import { appended, createTables, truth, upTo } from '../support/drive.ts'
import { emptied } from '../support/schema-of.ts'

/**
 * Each version that was ever released, brought to the newest one under a run in flight: begun by the code of
 * 30 November 2026, and cut off in the middle of a slice.
 */
const RELEASED = VERSIONS.map(({ version }) => version)
const STYLES = ['steps', 'iteration'] as const
const CASES = RELEASED.flatMap((version) => STYLES.map((style) => ({ version, style })))

const upgradeTo = (version: number) =>
  new Schema({ versions: VERSIONS.slice(0, version) }).ready(env.DB)
const head = () =>
  env.DB.prepare('SELECT max(version) AS version FROM dogear_schema').first('version')

/** What a run of five items leaves behind; an iteration tells its end as item 0. */
const ONCE = { steps: upTo(5), iteration: [0, ...upTo(5)] }

describe.for(CASES)('a run of $style on version $version of the tables', ({ version, style }) => {
  let world: World
  let run: string

  beforeEach(async () => {
    await emptied(env.DB)
    await createTables()
    await upgradeTo(version)
    world = new World({ objects: 'landed', slices: 'landed' })
    run = await world.start(style)
    await world.kill(run, 'dies_after', isAppend, 3)
    expect(await appended(run)).toEqual(upTo(3))
    expect(await head()).toBe(version)
  })

  async function expectOnce(): Promise<void> {
    expect(await world.drive(run)).toMatchObject({ status: 'completed', progress: { done: 5 } })
    expect(await appended(run)).toEqual(ONCE[style])
    expect(await world.bench.verify(run)).toMatchObject({ ok: true })
    expect((await truth(run)).closed_at).not.toBeNull()
  }

  it('goes on after the upgrade with the code of today', async () => {
    await upgradeTo(VERSIONS.length)
    expect(await head()).toBe(VERSIONS.length)
    world.slices = 'today'
    await world.changeObject(run, 'today')
    await expectOnce()
  })

  it('goes on after the upgrade with the code of before, which lives on for a while', async () => {
    await upgradeTo(VERSIONS.length)
    await expectOnce()
  })

  it('goes on when the upgrade comes in the middle of a slice', async () => {
    await world.during(run, 1, () => upgradeTo(VERSIONS.length))
    world.slices = 'today'
    await world.changeObject(run, 'today')
    await expectOnce()
  })
})
