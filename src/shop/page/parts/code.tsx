import { sourceOf } from '../pairs.ts'
import { Answer, useQuery } from 'dogear/page'

/** A job's source, coloured. Loaded with what colours it when it is first shown. */
export function Code({ job }: { job: string }) {
  const code = useQuery(`code ${job}`, async () => {
    const [source, { tokensOf }] = await Promise.all([sourceOf(job), import('../highlight.ts')])
    return tokensOf(source)
  })
  return (
    <figure class="sheet flush code">
      <figcaption class="head small">
        <code>src/shop/jobs/{job}.ts</code>
      </figcaption>
      <Answer of={code}>
        {(tokens) => (
          <pre tabIndex={0} aria-label={`Source of ${job}`}>
            <code>
              {tokens.map(([type, text], index) =>
                type === undefined ? (
                  text
                ) : (
                  <span key={index} class={`code-${type}`}>
                    {text}
                  </span>
                ),
              )}
            </code>
          </pre>
        )}
      </Answer>
    </figure>
  )
}
