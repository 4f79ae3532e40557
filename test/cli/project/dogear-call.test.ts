import { describe, expect, it } from 'vitest'
import { findDogear } from '../../../src/cli/project/dogear-call.ts'

const IMPORT = 'import { createDogear as make, other } from "dogear/worker";\n'
const find = (code: string) => {
  const found = findDogear(IMPORT + code)
  return found && { ...found, used: [...found.used].toSorted() }
}

describe('What a call of createDogear is given', () => {
  it.each<[code: string, options: Record<string, string | true> | undefined]>([
    ['make({ jobs: [a, b], path: "/x", db: "DB" })', { jobs: true, path: '/x', db: 'DB' }],
    [
      'make({ "path": `/x`, db, jobs: f({ path: "/y" }, [1, 2]) })',
      { path: '/x', db: true, jobs: true },
    ],
    [
      'make({ path: "/x" + y, authorize(request) { return { path: "/z" } } })',
      { path: true, authorize: true },
    ],
    ['make({ path: `/${a}, ${b}`, /* why */ schema: "check" })', { path: true, schema: 'check' }],
    ['make({ jobs, ...rest })', undefined],
    ['make(options)', undefined],
  ])('%s', (code, options) => {
    expect(find(`var jobs2 = ${code};`)?.options).toEqual(options)
  })

  it('is not looked for in calls of other things', () => {
    expect(find('var a = other({}); var b = x.make({}); var c = createDogear({});')).toBeUndefined()
    expect(findDogear('import { createDogear } from "elsewhere"; createDogear({})')).toBeUndefined()
  })
})

describe('What is used of it', () => {
  it.each<[code: string, used: string[], isHandedOn: boolean]>([
    [
      'var jobs = make({}); var { JobRun } = jobs; var d = jobs.wrap({ fetch: app.fetch }); export { JobRun, d as default };',
      ['JobRun', 'wrap'],
      false,
    ],
    [
      'var jobs = make({}); jobs["queue"](batch, env); jobs?.scheduled; app.mount("/x", jobs.fetch); export { jobs };',
      ['fetch', 'queue', 'scheduled'],
      false,
    ],
    ['var { JobRun, wrap: put, ...rest } = make({});', ['JobRun', 'wrap'], false],
    ['var jobs = make({}); export { jobs as default };', [], true],
    ['var jobs = make({}); install(jobs);', [], true],
    ['var jobs = make({}); jobs[name](); x.jobs.start; var y = { jobs: 1 };', [], true],
    ['var jobs = make({}); var y = { jobs: 1 }; x.jobs.start();', [], false],
    ['var all = { jobs: make({}) };', [], true],
    ['export default make({}).wrap({});', [], true],
    ['var d = make({}).wrap({});', [], true],
    ['var jobs = make({}); var text = `${jobs.wrap({})} jobs "jobs"`; // jobs', ['wrap'], false],
  ])('%s', (code, used, isHandedOn) => {
    expect(find(code)).toMatchObject({ used, isHandedOn })
  })
})
