import { expect, it } from 'vitest'
import { checkLabels } from '../../src/engine/labels.ts'

it('a label holds whole characters only', () => {
  checkLabels({ campaign: '🐢 spring' })
  expect(() => checkLabels({ campaign: '🐢'.slice(0, 1) })).toThrow(
    "the value of label 'campaign' holds a control character or half a character",
  )
})
