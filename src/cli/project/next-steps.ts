import { defaultUrl, urlOfPackage } from '../default-url.ts'
import { expectedBy } from './checks/expected.ts'
import type { Project } from './project.ts'

/** How one sees the jobs of this Worker work. */
export interface NextSteps {
  /** Where API and page are; undefined where there are none. */
  url: string | undefined
  /** The command does not look there by itself. */
  mustSayUrl: boolean
  /** A job to try; undefined when none is to be seen. */
  job: string | undefined
}

/** Those of a Worker that has the file which `dogear init` writes. */
export const FIRST_STEPS: NextSteps = {
  url: 'http://localhost:8787/dogear',
  mustSayUrl: false,
  job: 'hello',
}

export function nextSteps(project: Project): NextSteps {
  const { call, folder, jobs, file } = project
  const job = jobs.isNew ? FIRST_STEPS.job : call?.firstJob
  if (call?.isHeadless) return { url: undefined, mustSayUrl: false, job }
  const { port = 8787, local_protocol: protocol = 'http' } = file.config.dev ?? {}
  const path = jobs.isNew ? '/dogear' : expectedBy(project).path
  const url = urlOfPackage(folder) ?? `${protocol}://localhost:${port}${path}`
  return { url, mustSayUrl: url !== defaultUrl(folder), job }
}

export function nextText({ url, mustSayUrl, job }: NextSteps): string {
  const at = mustSayUrl ? ` --url ${url}` : ''
  const rows =
    url === undefined
      ? [
          ['npx wrangler dev', ''],
          ['npx dogear doctor', 'when something does not work'],
        ]
      : [
          ['npx wrangler dev', `the page: ${url}`],
          [`npx dogear run ${job ?? 'JOB'} --wait${at}`, 'in another terminal'],
          [`npx dogear doctor${at}`, 'when something does not work'],
        ]
  const width = Math.max(...rows.map(([typed = '']) => typed.length))
  const lines = rows.map(([typed = '', what = '']) => `  ${typed.padEnd(width)}  ${what}`.trimEnd())
  return ['Then:', '', ...lines].join('\n')
}
