import { IN_DATABASE } from './in-database.ts'
import { IN_DEPLOYS } from './in-deploys.ts'
import { IN_OBJECTS } from './in-objects.ts'
import { IN_OVERLAP } from './in-overlap.ts'
import { IN_PACKAGE } from './in-package.ts'
import { IN_SLICES } from './in-slices.ts'
import type { Mutation } from './mutation.ts'

/** Guards of the protocol, each to be taken away. */
export const MUTATIONS: readonly Mutation[] = [
  ...IN_DATABASE,
  ...IN_OBJECTS,
  ...IN_DEPLOYS,
  ...IN_SLICES,
  ...IN_OVERLAP,
  ...IN_PACKAGE,
]
