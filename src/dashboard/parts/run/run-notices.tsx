import type { Run } from '../../state/api.ts'

/** The problems of a run, above everything else about it. */
export function RunNotices({ run: { attention, error } }: { run: Run }) {
  return (
    <>
      {attention ? (
        <div class="notice tone-failed" role="alert">
          <strong>Look at it</strong>
          <span>{attention}</span>
        </div>
      ) : null}
      {error ? (
        <details class="notice tone-failed">
          <summary>
            <strong>{error.code ?? error.name}</strong> {error.message}
          </summary>
          {error.at ? (
            <p>
              At cursor <code>{error.at.cursor}</code> of step <code>{error.at.step}</code>
            </p>
          ) : null}
          {error.statement ? <pre>{error.statement}</pre> : null}
          {error.stack ? <pre>{error.stack}</pre> : null}
        </details>
      ) : null}
    </>
  )
}
