// What a screen reader is told of a queue that moves: what has come, and who has decided what one had before oneself.
import { announcer } from './announcer.svelte.ts'
import type { Batch, QueueItem } from './documents/queue.ts'
import { absentee, departure } from './items.ts'
import { messages } from './messages.ts'
import type { Entry } from './queue-filter.ts'
import { current } from './viewer.svelte.ts'
import { queueWords as words } from './words/queue.ts'

/** More than one at a time are counted, not named. */
export const sayArrived = (items: readonly QueueItem[]): void => {
  const [first] = items
  if (!first) return
  const { name } = first.proposal.customer
  const absent = absentee(first, current.viewer?.user.id)
  if (items.length > 1) announcer.say(words.arrivedMany(items.length))
  else announcer.say(absent === null ? words.arrived(name) : messages.item.arrivedFor(name, absent))
}

export const sayBatch = ({ import: { name }, items, others }: Batch): void =>
  announcer.say(words.batchArrived(name ?? words.noFileName, items + others))

/** What one has answered oneself is no news. The item in hand interrupts. */
export const sayGone = (entries: readonly Entry[], inHand: string | null): void => {
  const sentence = ({ item, gone, goneTo }: Entry) =>
    gone === null ? '' : words.left(item.proposal.customer.name, departure(gone, goneTo))
  const news = entries.filter(({ gone }) => gone !== null && gone.reason !== 'DECIDED')
  const held = news.find(({ id }) => id === inHand)
  const others = news.filter((entry) => entry !== held)
  if (held) announcer.interrupt(sentence(held))
  if (others.length === 1 && others[0]) announcer.say(sentence(others[0]))
  else if (others.length > 1) announcer.say(words.leftMany(others.length))
}
