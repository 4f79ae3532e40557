import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
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
