/** The items of all pages, from the one that `query` asks for. */
export async function* eachOf<T, Query extends { cursor?: string | undefined }>(
  query: Query,
  ask: (query: Query) => Promise<{ items: readonly T[]; nextCursor: string | null }>,
): AsyncGenerator<T, void> {
  let page = query
  for (;;) {
    const { items, nextCursor } = await ask(page)
    yield* items
    if (nextCursor === null) return
    page = { ...page, cursor: nextCursor }
  }
}
