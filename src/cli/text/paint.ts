import { styleText } from 'node:util'
import type { Run } from '../../client/index.ts'

export type Colour = 'green' | 'red' | 'yellow' | 'cyan'

/** Gives a text a colour, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string

export const plain: Paint = (_colour, text) => text

/** Colours only on a terminal; Node's styleText also respects NO_COLOR. */
export function paintFor(stream: NodeJS.WritableStream): Paint {
  return (colour, text) => styleText(colour, text, { stream })
}

export function stateColour({ status }: Run): Colour {
  if (status === 'completed') return 'green'
  if (status === 'failed' || status === 'cancelled') return 'red'
  return status === 'running' ? 'cyan' : 'yellow'
}
