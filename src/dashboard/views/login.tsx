import { useState } from 'hono/jsx/dom'
import { api, type Problem } from '../api.ts'
import { ProblemNotice } from '../parts/notice.tsx'

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
    const form = event.target as HTMLFormElement
    const token = new FormData(form).get('token')
    try {
      await api.logIn(typeof token === 'string' ? token : '')
      onDone()
    } catch (error) {
      form.reset()
      setRefused(error as Problem)
    }
  }
  return (
    <>
      <h1>Log in</h1>
      <form class="start" onSubmit={(event: Event) => void logIn(event)}>
        <label>
          Token <input type="password" name="token" required autocomplete="current-password" />
        </label>
        <ProblemNotice problem={refused} />
        <button type="submit" class="primary">
          Log in
        </button>
      </form>
    </>
  )
}
