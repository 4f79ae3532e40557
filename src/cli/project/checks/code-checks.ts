import type { Project } from '../project.ts'
import { advice, type Check, checksOf, fine, type Finding, wrong } from './check.ts'
import type { Expected } from './expected.ts'
import { classOf } from './objects.ts'
import { queueOf } from './queue.ts'

/** Whether the Worker's code hands Dogear what is Dogear's. */
export function codeChecks(project: Project, expected: Expected): Check[] {
  const { code, main, jobs, call } = project
  if (typeof code === 'string') {
    return checksOf({ code: advice(`the code was not looked at: ${code}`, 'npm i -D wrangler') })
  }
  if (code.dogear === undefined) {
    const found = call
      ? `${main} does not import ${jobs.path}, which calls createDogear`
      : `nothing that ${main} imports calls createDogear`
    return checksOf({ code: wrong(found, 'npx dogear init prints the lines that are missing') })
  }
  const { used, isHandedOn } = code.dogear
  const has = (member: string) => isHandedOn || used.has('wrap') || used.has(member)
  const name = classOf(project.file.config, expected) ?? 'JobRun'
  const sends = queueOf(project.file.config, expected) !== undefined
  return checksOf({
    code: fine(`createDogear is called`),
    export: code.exports.includes(name) ? fine(name) : exportMissing(main, name),
    'queue handler': sends ? handlerFinding(has('queue'), main, 'queue') : undefined,
    'scheduled handler': handlerFinding(has('scheduled'), main, 'scheduled'),
    access: checkAccess(project),
  })
}

function exportMissing(main: string, name: string): Finding {
  const line =
    name === 'JobRun' ? 'export const { JobRun } = jobs' : `export const ${name} = jobs.JobRun`
  return wrong(`${main} does not export the class ${name}`, `add to ${main}: ${line}`)
}

function handlerFinding(isThere: boolean, main: string, handler: 'queue' | 'scheduled'): Finding {
  if (isThere) return fine('Dogear gets it')
  const call = handler === 'queue' ? 'jobs.queue(batch, env)' : 'jobs.scheduled(controller, env)'
  return wrong(
    `${main} does not hand ${handler}() to Dogear`,
    `export default jobs.wrap({ ... }), or call ${call} in your ${handler}()`,
  )
}

/** Somebody may use page and API where it is deployed. A secret cannot be seen from here. */
function checkAccess({ call, file }: Project): Finding {
  const { vars = {}, secrets } = file.config
  const named = [...Object.keys(vars), ...(secrets?.required ?? [])]
  const way = named.find((name) => name === 'API_TOKENS' || name === 'ACCESS_TEAM')
  if (call?.options?.['authorize'] !== undefined) return fine('authorize')
  if (way !== undefined) return fine(way)
  return advice(
    'neither authorize, nor ACCESS_TEAM among the vars; a secret cannot be seen from here',
    'createDogear({ authorize }), or: npx wrangler secret put API_TOKENS',
  )
}
