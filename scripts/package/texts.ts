import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path/posix'
import { ROOT } from './faces.ts'

const AS_THEY_ARE = ['LICENSE', 'CHANGELOG.md', 'AGENTS.md']

/** What one reads while writing jobs, and when something is wrong. All others are in the repository. */
const PAGES = [
  'README.md',
  'docs/access.md',
  'docs/enumerators.md',
  'docs/errors-and-events.md',
  'docs/exactly-once.md',
  'docs/testing.md',
  'docs/guide/error-handling.md',
  'docs/guide/install.md',
  'docs/guide/tables.md',
  'docs/guide/troubleshooting.md',
]

/** Sections of README that only this repository has use for. */
const OF_THE_REPOSITORY = ['Try it', 'Where things are', 'Commands']

/** Copies the licence, the guides and the pages; links to what is not in the package become plain text. */
export function writeTexts(folder: string): void {
  for (const file of AS_THEY_ARE) cpSync(join(ROOT, file), join(folder, file))
  const pages = PAGES.filter((page) => existsSync(join(ROOT, page)))
  const shipped = new Set([...AS_THEY_ARE, ...pages])
  for (const page of pages) {
    mkdirSync(dirname(join(folder, page)), { recursive: true })
    const whole = readFileSync(join(ROOT, page), 'utf8')
    const text = page === 'README.md' ? withoutTheExample(whole) : whole
    writeFileSync(join(folder, page), withLinksTo(shipped, page, text))
  }
}

function withLinksTo(shipped: ReadonlySet<string>, page: string, text: string): string {
  return text
    .replaceAll(/^!\[[^\]]*\]\([^)]*\)\n+/gm, '')
    .replaceAll(/\[([^\]]*)\]\(([^)\s]+)\)/g, (link, words: string, to: string) => {
      const [path = ''] = to.split('#')
      const there =
        path === '' || /^https?:/.test(to) || shipped.has(normalize(join(dirname(page), path)))
      return there ? link : words
    })
}

/** Without what a Worker of somebody's own has not: verbs and routes of the shop, scripts and rooms of this repository. */
function withoutTheExample(readme: string): string {
  const sections = readme.split(/^(?=## )/m)
  const left = sections.filter(
    (section) => !OF_THE_REPOSITORY.some((heading) => section.startsWith(`## ${heading}\n`)),
  )
  if (left.length + OF_THE_REPOSITORY.length !== sections.length) {
    throw new Error(`README.md lacks one of the sections ${OF_THE_REPOSITORY.join(', ')}`)
  }
  return left.join('').replaceAll(/^\| .* \| the shop: .*\n/gm, '')
}
