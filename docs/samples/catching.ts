import { defineJob, type Step } from 'dogear'

/** What a supplier is asked; tests replace it. */
export const supplier = {
  ask: (_id: number): Promise<void> => Promise.resolve(),
}

/** Bad: this `catch` also catches the stop, which `advance` throws. */
async function badly(step: Step<number>): Promise<void> {
  while (step.cursor <= 10) {
    try {
      await supplier.ask(step.cursor)
      await step.advance()
    } catch (error) {
      console.warn('passed over', step.cursor, error)
    }
  }
}

/** Good: only the work is in the `try`; the cursor moves outside of it. */
async function well(step: Step<number>): Promise<void> {
  while (step.cursor <= 10) {
    try {
      await supplier.ask(step.cursor)
    } catch (error) {
      console.warn('passed over', step.cursor, error)
    }
    await step.advance()
  }
}

export const askBadly = defineJob({
  name: 'ask-badly',
  perform: ({ step }) => step('ask', { start: 1 }, badly),
})

export const askWell = defineJob({
  name: 'ask-well',
  perform: ({ step }) => step('ask', { start: 1 }, well),
})
