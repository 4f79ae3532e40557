import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { createShopProgram } from '../../src/shop/cli/program.ts'
import { fences, names, pages, read, words } from '../support/docs.ts'

/** Pages of the repository, and those of the Workers that it shows. */
const PAGES = [
  ...pages(),
  'CHANGELOG.md',
  'examples/hono-d1/README.md',
  'examples/minimal/README.md',
  'templates/starter/README.md',
]

/** A command as a page shows it, in a block or in backquotes. `shop`: of this repository's command, which has more verbs. */
interface Shown {
  page: string
  line: string
  shop: boolean
}

const COMMAND = /(npx |pnpm |npm run )?\bdogear (?:-- )?((?:--(?!help)|[a-z]).*)$/

function shownIn(page: string): Shown[] {
  const blocks = fences(page)
    .filter(({ language }) => language === 'sh' || language === 'text')
    .flatMap(({ code }) => code.replaceAll('\\\n', ' ').split('\n'))
    // In plain text, as in a shell's comment, what it does stands some way to the right.
    .map((line) => line.replace(/^\s*#.*|\s+#.*|(?<=\S)\s{2,}.*$/g, ''))
    .filter((line) => /(npx|pnpm) dogear |npm run dogear -- /.test(line))
  // `dogear show` is a verb's name, no command: `docs-names.test.ts` knows those.
  const inline = names(page).filter(
    (name) => /^(?:(?:npx|pnpm) |npm run )?dogear /.test(name) && !/^dogear [a-z]+$/.test(name),
  )
  return [...blocks, ...inline].flatMap((text) =>
    text.split(/ (?:&&|\|) /).flatMap((part) => {
      const [, by, line = ''] = COMMAND.exec(part) ?? []
      return line === '' ? [] : [{ page, line, shop: by !== 'npx ' && by !== 'pnpm ' }]
    }),
  )
}

const shown = PAGES.flatMap(shownIn)

/** The words that stand for a number. */
const NUMBERS = new Set(['N', 'SECONDS'])

/** Reads a command as it does when it is typed, and does nothing. Throws what it says of wrong usage. */
async function parse({ line, shop }: Pick<Shown, 'line' | 'shop'>): Promise<void> {
  const program = shop ? createShopProgram() : createProgram({ main: 'main.ts' })
  disarm(program)
  const typed = words(line).map((word) => (NUMBERS.has(word) ? '1' : word))
  await program.parseAsync(typed, { from: 'user' })
}

function disarm(command: Command): void {
  command.exitOverride().configureOutput({ writeOut() {}, writeErr() {}, outputError() {} })
  if (command.commands.length === 0) command.action(() => undefined)
  for (const verb of command.commands) disarm(verb)
}

describe('The commands that pages show', () => {
  it.each(shown)('are read by the command itself: $line, in $page', async (command) => {
    await expect(parse(command)).resolves.toBeUndefined()
  })

  it('are found, in blocks and in sentences, and not read where a word is wrong', async () => {
    const lines = shown.map(({ page, line }) => `${page}: ${line}`)
    expect(lines).toContain('README.md: run hello --wait')
    expect(lines).toContain('AGENTS.md: run JOB --param K=V --wait')
    expect(lines).toContain('docs/guide/tables.md: migrate --sql --from 2')
    for (const line of ['run hello --wiat', 'rnu hello', 'run', 'seed'])
      await expect(parse({ line, shop: false }), line).rejects.toThrow(/^error: /)
  })
})

describe('README', () => {
  const program = createShopProgram()
  const rows = [...read('README.md').matchAll(/^\| (`(?:\\\||[^|])*) \|/gm)].flatMap(
    ([, cell = '']) =>
      [...cell.matchAll(/`([a-z]+)((?: [^`]*)?)`/g)].map(([, verb = '', rest = '']) => ({
        verb,
        rest,
      })),
  )
  const verbs = rows.flatMap(({ verb, rest }) => {
    const command = program.commands.find((one) => one.name() === verb)
    return command ? [{ command, verb, flags: rest.match(/--[a-z-]+/g) ?? [] }] : []
  })

  it.each(verbs)('names only options that $verb has', ({ command, flags }) => {
    const own = command.options.map(({ long }) => long)
    expect(flags.filter((flag) => !own.includes(flag))).toEqual([])
  })

  it('names some', () => {
    expect(verbs.flatMap(({ flags }) => flags).length).toBeGreaterThan(15)
  })
})
