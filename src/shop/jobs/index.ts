import { batchEmailsIteration } from './batch-emails-iteration.ts'
import { batchEmails } from './batch-emails.ts'
import { bulkWelcomeEmail } from './bulk-welcome-email.ts'
import { deliverMail } from './deliver-mail.ts'
import { generateReportsIteration } from './generate-reports-iteration.ts'
import { generateReports } from './generate-reports.ts'
import { importOrders } from './import-orders.ts'
import { notifyAdmin } from './notify-admin.ts'
import { processOrdersIteration } from './process-orders-iteration.ts'
import { processOrders } from './process-orders.ts'
import { regionalReport } from './regional-report.ts'
import { resilient } from './resilient.ts'
import { sendOnboardingTips } from './send-onboarding-tips.ts'
import { sendWelcomeEmail } from './send-welcome-email.ts'
import { syncCatalog } from './sync-catalog.ts'
import { trackBulkEmailMetrics } from './track-bulk-email-metrics.ts'
import { trackSignupMetrics } from './track-signup-metrics.ts'

/** All jobs of the shop. */
export const shopJobs = [
  processOrders,
  processOrdersIteration,
  importOrders,
  generateReports,
  generateReportsIteration,
  regionalReport,
  resilient,
  syncCatalog,
  batchEmails,
  batchEmailsIteration,
  bulkWelcomeEmail,
  deliverMail,
  sendWelcomeEmail,
  sendOnboardingTips,
  trackSignupMetrics,
  notifyAdmin,
  trackBulkEmailMetrics,
] as const
