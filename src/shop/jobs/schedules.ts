import { defineSchedule } from 'dogear/schedules'
import { processOrders } from './process-orders.ts'

/** Each night at three, the orders of the day; a night whose run still works is left out. */
export const nightlyOrders = defineSchedule({
  name: 'nightly-orders',
  cron: '0 3 * * *',
  job: processOrders,
  overlap: 'skip',
})

/** All schedules of the shop. */
export const shopSchedules = [nightlyOrders] as const
