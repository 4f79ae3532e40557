import { useState } from 'hono/jsx/dom'
import { client, type Problem } from '../state/api.ts'
import { ProblemNotice } from '../parts/notice.tsx'
import { problemOf } from '../state/query.ts'

/** Asks for a token, once: the session is a cookie that no script can read. */
export function LoginView({ problem, onDone }: { problem: Problem; onDone: () => void }) {
  const [refused, setRefused] = useState<Problem | undefined>(undefined)
  if (problem.code === 'access_unconfigured') {
    return (
      <>
        <h1>Nobody may look yet</h1>
        <ProblemNotice problem={problem} />
      </>
    )
  }
  const logIn = async (event: Event) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const token = new FormData(form).get('token')
    try {
      await client.logIn(typeof token === 'string' ? token : '')
      onDone()
    } catch (error) {
      form.reset()
      setRefused(problemOf(error))
    }
  }
  return (
    <section class="sheet ear login tone-completed" aria-labelledby="login">
      <h1 id="login">Log in</h1>
      <p class="quiet">
        With a token of this Worker. It is not kept: the browser gets a session of 12 hours.
      </p>
      <form class="form" onSubmit={(event: Event) => void logIn(event)}>
        <label class="field">
          <span>Token</span>
          <input type="password" name="token" required autocomplete="current-password" />
        </label>
        <ProblemNotice problem={refused} />
        <div>
          <button type="submit" class="primary">
            Log in
          </button>
        </div>
      </form>
    </section>
  )
}
