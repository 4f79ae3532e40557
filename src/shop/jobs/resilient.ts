import { defineJob, retryOn } from 'dogear'
import { CreditBureau, RecoverableError, UnrecoverableError } from '../credit/credit-bureau.ts'
import {
  CreditCheck,
  customerRange,
  customersUpTo,
  recordScore,
  summarizeCredit,
} from '../credit/credit.ts'
import { verifyCredit } from '../credit/verify-credit.ts'

/**
 * Has all customers scored by a credit bureau, and shows what errors do to a run: a customer that it
 * does not know is recorded and passed over; when it breaks down, the run waits and tries again, fails
 * after three attempts without progress, and goes on from its checkpoint when a person says `retry`.
 * The params say which customers are which.
 */
export const resilient = defineJob({
  name: 'resilient',
  description: 'Shows how steps handle errors: some items fail, and are passed over.',
  params: CreditCheck,
  unit: 'customer',
  skip: { on: RecoverableError, maxSkips: 1_000 },
  errors: [retryOn(UnrecoverableError, { wait: '5s', attempts: 3 })],
  async perform({ step, params, env, effects, run, enumerators, expectTotal }) {
    const { last, count } = await step('load_customers', () => customerRange(env.DB, params))
    expectTotal(count)

    const bureau = new CreditBureau(env.DB, run.id, params)
    await step('process_with_error_handling', (step) =>
      step.iterate(
        ({ cursor }) => enumerators.records(env.DB, customersUpTo(last), { cursor }),
        async ({ id }) => recordScore(effects, run.id, id, await bureau.score(id)),
      ),
    )

    return step('finalize', () => summarizeCredit(env.DB, run.id))
  },
  verify: verifyCredit,
})
