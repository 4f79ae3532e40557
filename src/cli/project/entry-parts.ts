import { isRead } from './code.ts'
import type { DogearCall } from './dogear-call.ts'
import type { Project } from './project.ts'

/** Which of Dogear's lines an entry file has. */
export interface EntryParts {
  /** The entry imports what `createDogear` gives back, or calls it. */
  isImported: boolean
  /** It exports the class of the runs' objects. */
  isExported: boolean
  /** It hands any event to Dogear. */
  isHanded: boolean
  queue: boolean
  scheduled: boolean
}

/** What the class is called, and whether there are messages that the entry must hand over. */
export interface Wanted {
  className: string
  sends: boolean
}

/** Both `dogear init` and `dogear doctor` go by this. Of code that cannot be read it takes the text's word. */
export function entryParts(project: Project, { className, sends }: Wanted): EntryParts {
  const { code, entry = '', main, jobs } = project
  const isImported = jobs.path === main || /\bimport\b[^'"]*\bjobs\b[^'"]*\bfrom\b/.test(entry)
  const gives = isRead(code) ? givesByCode(code.dogear) : givesByText(entry)
  const isExported = isRead(code)
    ? code.exports.includes(className)
    : new RegExp(`\\bexport\\b.*\\b${className}\\b`).test(entry)
  return {
    isImported,
    isExported,
    isHanded: gives('queue') || gives('scheduled'),
    queue: !sends || gives('queue'),
    scheduled: gives('scheduled'),
  }
}

type Gives = (handler: 'queue' | 'scheduled') => boolean

function givesByCode(dogear: DogearCall | undefined): Gives {
  if (dogear === undefined) return () => false
  const { used, isHandedOn } = dogear
  return (handler) => isHandedOn || used.has('wrap') || used.has(handler)
}

function givesByText(entry: string): Gives {
  return (handler) => entry.includes('.wrap(') || entry.includes(`.${handler}(`)
}
