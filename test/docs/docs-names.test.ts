import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { enumerators } from '../../src/engine/enumerators/index.ts'
import { ALERT_KINDS } from '../../src/monitoring/alert-kinds.ts'
import { createShopProgram } from '../../src/shop/cli/program.ts'
import { EVENT_TYPES } from '../../src/webhooks/endpoint-checks.ts'
import { names, pages, read, ROOT } from '../support/docs.ts'

const scripts = Object.keys(
  (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts,
)
const help = execFileSync(process.execPath, [`${ROOT}src/shop/cli/main.ts`, '--help'], {
  encoding: 'utf8',
})
const verbs = [...help.matchAll(/^ {2}([a-z]+)/gm)].map(([, verb = '']) => verb)
const demos = /\((?:choices: )(.+)\)/.exec(
  execFileSync(process.execPath, [`${ROOT}src/shop/cli/main.ts`, 'demo', '--help'], {
    encoding: 'utf8',
  }).replaceAll(/\s+/g, ' '),
)?.[1]
const jobs = readdirSync(`${ROOT}src/shop/jobs`).flatMap((file) =>
  [...read(`src/shop/jobs/${file}`).matchAll(/^ {2}name: '([a-z-]+)'/gm)].map(
    ([, job = '']) => job,
  ),
)

describe('What the pages name', () => {
  it.each(pages())('is there: the files of %s', (page) => {
    const files = names(page)
      .map((name) => name.replace(/#.*$/, ''))
      .filter((name) => /^(src|docs|test|bench|migrations|durable-objects)\/[\w./-]*$/.test(name))
    expect([...new Set(files)].filter((file) => !existsSync(ROOT + file))).toEqual([])
  })

  it.each(pages())('is there: the scripts and verbs of %s', (page) => {
    const missing = names(page).filter((name) => {
      const [, script] = /^npm run ([\w-]+)/.exec(name) ?? []
      const [, verb] = /^dogear ([a-z]+)/.exec(name) ?? []
      const [, job] = /^dogear run ([a-z][a-z-]+)/.exec(name) ?? []
      const [, demo] = /^dogear demo ([a-z]+)/.exec(name) ?? []
      return (
        (script !== undefined && !scripts.includes(script)) ||
        (verb !== undefined && !verbs.includes(verb)) ||
        (job !== undefined && !jobs.includes(job)) ||
        (demo !== undefined && !demos?.includes(`"${demo}"`))
      )
    })
    expect(missing).toEqual([])
  })
})

/** What a page's tables have rows for: the first word of each name in backquotes of a first cell. */
const rowsOf = (page: string): string[] =>
  [...read(page).matchAll(/^\| (`(?:\\\||[^|])*) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w.]+)/g)].map(([, name = '']) => name),
  )

describe('What there is', () => {
  it('has a place in a page: every verb of the command', () => {
    const program = createShopProgram()
    const shown = program.createHelp().visibleCommands(program)
    const own = shown.map((verb) => verb.name()).filter((verb) => verb !== 'help')
    expect(own.filter((verb) => !rowsOf('README.md').includes(verb))).toEqual([])
  })

  it('has a place in a page: every enumerator', () => {
    const page = 'docs/enumerators.md'
    const headings = [...read(page).matchAll(/^## (.*)$/gm)].flatMap(([, heading = '']) =>
      heading.split(/, | and /),
    )
    expect(Object.keys(enumerators).filter((name) => !headings.includes(name))).toEqual([])
  })

  it('has a place in a page: every kind of alert, and every event that endpoints hear of', () => {
    const told = [...ALERT_KINDS, ...EVENT_TYPES]
    const page = rowsOf('docs/webhooks-and-alerts.md')
    expect(told.filter((name) => !page.includes(name))).toEqual([])
  })
})
