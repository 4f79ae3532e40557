import { z } from 'zod'
import { defineIteration, type Walk } from 'dogear'
import {
  type CustomerOrder,
  customersIn,
  EMPTY_DRAFT,
  EMPTY_SCOPE,
  ordersOf,
  ReportDraft,
  type ReportedCustomer,
  ReportScope,
  reportScope,
  summarizeReports,
  withOrder,
  writeReport,
} from '../reports/reports.ts'
import { verifyReports } from '../reports/verify-reports.ts'

/** Reports on each customer's orders. As an iteration of walks within walks; see the job in steps beside it. */
export const generateReportsIteration = defineIteration({
  name: 'generate-reports-iteration',
  description: 'Adds up the orders of each customer: as an iteration.',
  unit: 'customer/order',
  attributes: z.object({
    scope: ReportScope.default(EMPTY_SCOPE),
    draft: ReportDraft.default(EMPTY_DRAFT),
  }),
  async onStart({ env, attributes, expectTotal }) {
    attributes.scope = await reportScope(env.DB)
    // A customer without orders is an item by itself.
    expectTotal(attributes.scope.orders + attributes.scope.idle)
  },
  buildEnumerator: ({ cursor, attributes, env, enumerators }) =>
    enumerators.nested(
      [
        // A level is built when the walk comes to it, so after onStart has fixed the scope.
        (at) => enumerators.records(env.DB, customersIn(attributes.scope), at),
        (at, customer): Walk<CustomerOrder | ReportedCustomer> =>
          customer.lastOrder === null
            ? enumerators.array([customer], at)
            : enumerators.records(env.DB, ordersOf(customer), at),
      ],
      { cursor },
    ),
  eachIteration(item, { attributes, effects, run }) {
    if ('lastOrder' in item) return writeReport(effects, run.id, item.id, EMPTY_DRAFT)
    attributes.draft = withOrder(attributes.draft, item)
    if (item.isLast === 0) return
    writeReport(effects, run.id, item.customer, attributes.draft)
    attributes.draft = EMPTY_DRAFT
  },
  onComplete: ({ env, run }) => summarizeReports(env.DB, run.id),
  verify: verifyReports,
})
