import { defineIteration, type RecordQuery } from 'dogear'

const members: RecordQuery<{ id: number }> = { sql: 'SELECT id FROM members' }

const WRITE = "INSERT INTO letters (run_id, user_id, template) VALUES (?, ?, 'news')"

/** Eight parts of the table at once. */
export const writeToAll = defineIteration({
  name: 'write-to-all',
  unit: 'member',
  lanes: 8,
  buildEnumerator: ({ cursor, env, enumerators }) =>
    enumerators.records(env.DB, members, { cursor }),
  eachIteration: ({ id }, { effects, run }) => effects.run(WRITE, run.id, id),
})
