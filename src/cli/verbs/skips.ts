import { type Command, Option } from 'commander'
import type { SkipFileQuery } from '../../client/index.ts'
import { isEnded } from '../../engine/run.ts'
import type { Context } from '../context.ts'
import { followStarted } from '../follow-started.ts'
import { complain, say } from '../output.ts'
import { confirmed, isAnswered } from '../question.ts'
import { skipGroupsText, skipsText } from '../text/render.ts'
import { runText } from '../text/run-text.ts'
import { countText } from '../text/text.ts'
import { gathered, moreText, withPaging } from './paging.ts'
import { addRunVerb } from './run.ts'
import { atRest, requireCompleted } from './runs.ts'

/** The verbs on items that a run has passed over: skips, redrive. */
export function addSkipVerbs(program: Command): void {
  const verb = addRunVerb(
    program,
    'skips',
    'list the items that a run has recorded as failed and passed over',
    async (id, context, { groups, csv, jsonl, group, ...wanted }) => {
      const { client, look, print } = context
      const one = group === undefined ? {} : { group }
      if (csv || jsonl) return sayFile(id, { format: csv ? 'csv' : 'jsonl', ...one }, context)
      if (groups) {
        const answer = await client.skipGroups(id)
        return print(answer, skipGroupsText(answer, look))
      }
      const page = await gathered('skips', wanted, (part) => client.skips(id, { ...part, ...one }))
      print(page, skipsText(page.skips, look) + moreText(page))
    },
  )
  withPaging(verb, 100)
    .addOption(new Option('--groups', 'by their errors, the most frequent first'))
    .option('--group <id>', 'just those of one group')
    .addOption(new Option('--csv', 'all of them as CSV, for a file').conflicts('groups'))
    .addOption(new Option('--jsonl', 'all of them as JSON lines').conflicts(['groups', 'csv']))

  addRunVerb(
    program,
    'redrive',
    'start a run of just the skipped items; the same one when asked twice',
    async (id, context, { wait, yes }) => {
      const { client, json, paint, print } = context
      if (!yes && !json && isAnswered() && !(await wantsRedrive(id, context))) return
      let run = await client.redrive(id)
      if (wait) run = await followStarted(run, context, atRest)
      print(run, runText(run, paint))
      if (wait && isEnded(run.status)) requireCompleted(run)
    },
  )
    .option('--yes', 'do not ask before, as it does on a terminal')
    .option('--wait', 'wait until the new run ends; exit 1 if it ends uncompleted')
}

/** Says how many items that is. The API says why it cannot be. */
async function wantsRedrive(id: string, { client }: Context): Promise<boolean> {
  const { toRedrive } = await client.skipGroups(id)
  if (toRedrive === 0) return true
  if (await confirmed(`Handle ${countText(toRedrive, 'skipped item')} again, in a new run?`))
    return true
  complain('Nothing was done.')
  process.exitCode = 1
  return false
}

/** As it comes, so that no memory has to hold it. */
async function sayFile(id: string, query: SkipFileQuery, { client }: Context): Promise<void> {
  const body = await client.skipFile(id, query)
  let rest = ''
  for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (lines.length > 0) say(lines.map((line) => line.replace(/\r$/, '')).join('\n'))
  }
  if (rest !== '') say(rest)
}
