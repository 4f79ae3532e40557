/** The words of Dogear, each with what it means: `docs/guide/glossary.md`, for page and command. */
export const GLOSSARY: Readonly<Record<string, string>> = {
  abort: 'abort() in an iteration: completes the run here, with what it has done',
  advance: "step.advance({ from }): moves a step's cursor to the successor of from; a checkpoint",
  alarm: "the timer of a run's Durable Object; it drives a run on whose message or slice was lost",
  alert:
    'something about a run, a group of errors or a schedule that a person should look at; open until it is over or dismissed',
  attempt:
    'a slice in a row that made no progress: no step or item finished, no cursor moved, no attribute changed; the run fails at retry.attempts of them',
  attention: 'a note on a run that a person should read',
  attributes: 'state that a job declares; written with the cursor by each commit',
  budget: 'what a slice may use: time, items, D1 statements, bytes of effects',
  buildEnumerator: "an iteration's method that builds the walk from a cursor",
  cancel: 'ends a run for good; what is committed stays',
  checkpoint:
    'completed steps, the current step and its cursor; the only places where a run is interrupted',
  claim: 'a slice asks the Durable Object for the run; it gets a fence and a lease, or stale',
  commit: 'one D1 transaction of guard, effects, checkpoint and ledger row',
  continuable: "the style of jobs in steps, after Rails' ActiveJob::Continuable",
  continuations: 'the runs that follow a run after success',
  cursor:
    "where a step or walk has come to: the next item in a step, the last one beside a walk's item",
  delivery: 'an event on its way to one endpoint',
  directive: 'where a run is to stop: after a time, after items, at an item',
  discard: 'to give a run up for an error, as cancelled',
  dismiss:
    'a person has seen an alert or a group of errors; a group is open again when it occurs again',
  'Durable Object': 'here: one per run; lease, timers, wishes of people, a copy of the checkpoint',
  eachIteration: "an iteration's method that handles one item",
  effects: 'the D1 statements a job hands over, to be committed with the checkpoint',
  end: 'the commit that makes a run completed, failed or cancelled',
  endpoint: 'a receiver of webhooks',
  enumerator: 'what makes a walk: from a cursor to an async sequence of [item, cursor]',
  'error group': 'the errors of one job that are the same but for numbers, ids and times',
  'fan-in': 'a run that starts when all others of a list have ended: enqueue.afterAll',
  fence: 'a number that grows with each claim; commits of a smaller one are refused',
  fork: 'a new run that goes on from a commit of another one',
  'graceful shutdown':
    'in Rails: finish the item, then exit. Not needed here, since nothing is written at a shutdown',
  guard: 'the first row of a commit, which fails when the lane has moved on',
  held: 'interrupted until somebody resumes it',
  histogram: 'runs counted by the time of their creation, in minutes, hours or days',
  'idempotency key': 'of a request: the same run; of an item: the same text in every attempt',
  interruption: 'a planned end of a slice before the run is done; has a reason; is no failure',
  isolated: 'a step that runs in a slice of its own',
  iteration: "handling one item; the style after Shopify's job-iteration",
  job: 'the definition in code',
  'job-iteration': "Shopify's gem, the model of the iteration style",
  lane: "one part of a run's walk, with a cursor of its own; most runs have lane 0 alone",
  lease: 'the time-limited right to work a run',
  ledger: 'a row per commit: from where to where, how many items, by which fence and code',
  mute: 'to hear nothing of a group of errors until a time, whether it occurs or not',
  occurrence: 'of a group of errors: one run that failed with it, once',
  origin: 'the run that a fork goes on from; a run with all its origins is its line',
  outbox: 'events that webhooks are to tell, written in the transaction in which they came about',
  pause: 'stops a run until it is resumed',
  raise: 'the statement with which a slice takes over in D1 and learns where the run is',
  're-drive': 'a run of just those items that another run has skipped',
  release: 'a slice gives the run back, with its outcome',
  restart:
    'of a step: a new run that does it again, and what follows; by restartOn: a run forgets its progress and begins a new round',
  resumption: 'a slice that goes on from earlier progress',
  retry: 'of a run: takes up a failed or cancelled one from its checkpoint',
  run: 'one durable instance of a job with its params',
  schedule: 'runs that start by the clock: a cron line, a time zone, what to do about overlaps',
  search: 'words that runs are found by: parts of job, label or error, or the beginning of the id',
  seq: "the number of a lane's commits and raises; a commit for an old one is refused",
  SIGTERM: 'the signal that ends a process in an orderly way; a run survives it like any other end',
  skip: 'an item that failed, was recorded and passed over',
  slice: 'the work of one queue delivery, from claim to release',
  stalled: "nothing committed for many times a run's usual interval",
  step: 'a named part of a job, done once per run',
  sweep: 'the cron that looks for runs nobody drives, and purges old ones',
  throttle: 'to stand still for a while, at no cost of attempts',
  'tick of a schedule': 'a time at which it starts a run',
  'tick of a walk': 'a place to stop where a walk has no item',
  walk: 'going over items, item by item or page by page',
}

/** The entry that a name on the page, or somebody's word, is in the plural or the singular of. */
export function termFor(name: string): string | undefined {
  const word = name.trim().toLowerCase()
  const forms = [word, word.replace(/s$/, ''), word.replace(/ies$/, 'y'), word.replace(/es$/, '')]
  return Object.keys(GLOSSARY).find((term) => forms.includes(term.toLowerCase()))
}
