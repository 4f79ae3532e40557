import { createContext, type FC } from 'hono/jsx/dom'
import type { Role } from './state/session.tsx'
import type { Route } from './state/route.ts'

/** A view that a Worker adds to the page, for routes of its own. */
export interface AddedView {
  /** The first part of its path: `shop` is at `/shop`. */
  path: string
  /** Its name in the navigation. */
  words: string
  /** Its sign there: an SVG path in a square of 20. */
  icon: string
  /** The least role that sees it in the navigation. */
  role: Role
  /** The path of the view that it stands behind. @default the last one */
  after?: string
  /** Words of a link to it where no run is under way: 'watch two side by side'. */
  invite?: string
  View: FC<{ route: Route }>
}

export const AddedViews = createContext<readonly AddedView[]>([])
