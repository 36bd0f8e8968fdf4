// How each kind of element looks; its word stands beside it.
import type { IconName } from '../states.ts'
import type { Kind } from './definition.ts'

export const kindIcons: Record<Kind, IconName> = {
  approval: 'shield',
  condition: 'fork',
  parallel: 'branch',
  task: 'tick',
  decision: 'person',
  automated: 'search',
  subworkflow: 'return',
}
