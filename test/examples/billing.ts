import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const EXAMPLE = join(import.meta.dirname, '../../examples/hono-d1')
const read = (file: string) => readFileSync(join(EXAMPLE, file), 'utf8')

/** A text without what matches; throws where nothing does. */
function without(text: string, ...parts: RegExp[]): string {
  return parts.reduce((left, part) => {
    const rest = left.replace(part, '')
    if (rest === left) throw new Error(`found nothing like ${part}`)
    return rest
  }, text)
}

/** What `dogear init` has changed in the billing Worker. */
export const CONFIG_AFTER = read('wrangler.jsonc')

/** The billing Worker of examples/hono-d1 as it was before Dogear came. */
export const BILLING_BEFORE: Readonly<Record<string, string>> = {
  'wrangler.jsonc': without(
    CONFIG_AFTER,
    /,?\n *\{ "name": "DOGEAR_RUNS"[^}]*\}/,
    /,?\n *\{ "tag": "v2"[^}]*\}/,
    /,?\n *\{ "binding": "DOGEAR_QUEUE"[^}]*\}/,
    /,?\n *\{\s*"queue": "acme-billing-dogear"[^}]*\}/,
    /, "\* \* \* \* \*"/,
    /\n *"version_metadata"[^\n]*/,
  ),
  'package.json': '{ "name": "acme-billing", "private": true, "type": "module" }\n',
  'tsconfig.json': without(
    read('tsconfig.json'),
    /, "test", "vitest.config.ts"/,
    /"@cloudflare\/vitest-plugin\/types"/,
  ),
  '.dev.vars': read('.dev.vars.example'),
  'migrations/0001_billing.sql': read('migrations/0001_billing.sql'),
  'public/index.html': read('public/index.html'),
  'src/numbers.ts': read('src/numbers.ts'),
  'src/staff.ts': read('src/staff.ts'),
  'src/mails.ts': read('src/mails.ts'),
  'src/app.ts': without(
    read('src/app.ts'),
    /import \{ jobs \}.*\n/,
    /import \{ remindOverdue \}.*\n/,
    /\n\/\*\* A run per day[^]*$/,
  ),
  'src/index.ts': without(
    read('src/index.ts').replace('jobs.wrap({', '{').replace('Mail>)', 'Mail>'),
    /import \{ jobs \}.*\n/,
    /export const \{ JobRun \} = jobs\n/,
  ),
}
