import { notFound, router } from 'dogear/api'

/**
 * The sources of jobs that the page shows side by side: files of the page, but not for everybody, so the
 * Worker serves them.
 */
export function sourceRoutes() {
  const app = router()
  app.get('/:file', async (c) => {
    // A Worker without the page has none.
    const { ASSETS } = c.env as { ASSETS?: Partial<Fetcher> }
    const file = await ASSETS?.fetch?.(c.req.raw)
    // For what is no file the page itself is served.
    const isSource = file?.ok && file.headers.get('content-type')?.includes('javascript')
    return isSource ? file : notFound(c)
  })
  return app
}
