import { isRead } from '../code.ts'
import { exportLine } from '../entry-advice.ts'
import { entryParts } from '../entry-parts.ts'
import type { Project } from '../project.ts'
import { ownTickFinding } from './own-tick.ts'
import { classNameFor } from '../wiring.ts'
import { advice, type Check, checksOf, fine, type Finding, unseen, wrong } from './check.ts'
import type { Expected } from './expected.ts'
import { classOf } from './objects.ts'
import { queueOf } from './queue.ts'

/** Whether the Worker's code hands Dogear what is Dogear's. */
export function codeChecks(project: Project, expected: Expected): Check[] {
  const { code, main, jobs, call } = project
  const names = namesFinding(project, expected)
  if (!isRead(code)) return checksOf({ code: unseen(code.why, code.todo), names })
  if (code.dogear === undefined) {
    const found = call
      ? `${main} does not import ${jobs.path}, which calls createDogear`
      : `nothing that ${main} imports calls createDogear`
    return checksOf({ code: wrong(found, 'npx dogear init prints the lines that are missing') })
  }
  const { config } = project.file
  // Of a binding whose name is not known neither is the class.
  const { runs = '' } = expected
  const className = classOf(config, expected) ?? classNameFor(config, runs, expected.className)
  const sends = queueOf(config, expected) !== undefined
  const { isExported, queue, scheduled } = entryParts(project, { className, sends })
  return checksOf({
    code: fine(`createDogear is called`),
    names,
    export: runs === '' ? undefined : exportFinding(isExported, main, className),
    'queue handler': sends ? handlerFinding(queue, main, 'queue') : undefined,
    'scheduled handler': handlerFinding(scheduled, main, 'scheduled'),
    'own tick': ownTickFinding(project, expected),
    access: code.dogear.isHeadless ? undefined : checkAccess(project),
  })
}

/** The bindings that cannot be looked for, since their names are not known. */
function namesFinding({ jobs }: Project, { unknown }: Expected): Finding | undefined {
  if (unknown.length === 0) return undefined
  const why = `what createDogear in ${jobs.path} says of ${unknown.join(', ')} is no plain text`
  return unseen(why)
}

function exportFinding(isExported: boolean, main: string, name: string): Finding {
  if (isExported) return fine(name)
  const line = exportLine(name)
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
