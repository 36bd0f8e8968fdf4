// Decisions on their way: each waits five seconds in which it can be taken back (or none), then it is sent and stands.
import { SvelteMap } from 'svelte/reactivity'
import { tell, newKey } from './api.ts'
import { announcer } from './announcer.svelte.ts'
import type { Problem } from './documents/fragments.ts'
import { Approve, Choose, CompleteTask, Reject, RequestChange, ReturnTask } from './documents/queue.ts'
import { messages } from './messages.ts'
import { settings } from './settings.svelte.ts'

export type Verdict = 'APPROVE' | 'REJECT' | 'REQUEST_CHANGE' | 'COMPLETE' | 'RETURN' | 'CHOOSE'
/** A verdict with what belongs to it. */
export type Answer = {
  readonly verdict: Verdict
  readonly comment: string
  /** Of CHOOSE: which outcome. */
  readonly choice?: string
  /** Of REQUEST_CHANGE: who is to make it, if not the submitter. */
  readonly to?: string
  /** Of APPROVE: what is left out, each with its reason. */
  readonly refuse?: readonly { changeId: string; reason: string }[]
}
export type Decision = {
  readonly key: string
  readonly itemId: string
  /** The revision that was on the screen: what nobody saw cannot be approved. */
  readonly revision: number
  /** Digests of the changes that were on the screen, to tell later which are new. */
  readonly seen: readonly string[]
  readonly answer: Answer
  readonly name: string
  state: 'waiting' | 'sending' | 'refused'
  secondsLeft: number
  problem: Problem | null
  failure: string | null
}

const grace = 5

/** That a decision is on its way, as a sentence. */
export const saying = ({ answer, name }: Pick<Decision, 'answer' | 'name'>): string =>
  messages.item.sending[answer.verdict](name, answer.choice ?? '')

const send = ({ itemId: workItemId, revision, answer, key }: Decision) => {
  const { comment, choice = '', to, refuse } = answer
  const about = { workItemId, revision }
  const optional = comment === '' ? {} : { comment }
  switch (answer.verdict) {
    case 'APPROVE':
      return tell(Approve, { ...about, ...optional, ...(refuse ? { refuse: [...refuse] } : {}) }, key)
    case 'REJECT':
      return tell(Reject, { ...about, comment }, key)
    case 'REQUEST_CHANGE':
      return tell(RequestChange, { ...about, comment, ...(to === undefined ? {} : { to }) }, key)
    case 'COMPLETE':
      return tell(CompleteTask, { ...about, ...optional }, key)
    case 'RETURN':
      return tell(ReturnTask, { ...about, comment }, key)
    case 'CHOOSE':
      return tell(Choose, { ...about, ...optional, choice }, key)
  }
}

class Decisions {
  list = $state<Decision[]>([])
  readonly #timers = new SvelteMap<string, ReturnType<typeof setInterval>>()

  constructor() {
    // Leaving the page is not taking back: what was decided goes out with it.
    addEventListener('pagehide', () => this.flush())
  }

  of(itemId: string): Decision | undefined {
    return this.list.findLast((decision) => decision.itemId === itemId)
  }

  decide(given: Pick<Decision, 'itemId' | 'revision' | 'seen' | 'answer' | 'name'>): void {
    this.dismiss(given.itemId)
    this.list.push({ ...given, key: newKey(), state: 'waiting', secondsLeft: grace, problem: null, failure: null })
    const decision = this.of(given.itemId)
    if (!decision) return
    announcer.say(saying(given))
    if (settings.deciding === 'once') return void this.#send(decision)
    this.#timers.set(
      decision.key,
      setInterval(() => {
        decision.secondsLeft -= 1
        if (decision.secondsLeft <= 0) void this.#send(decision)
      }, 1000),
    )
  }

  takeBack(itemId: string): void {
    if (this.of(itemId)?.state !== 'waiting') return
    this.dismiss(itemId)
    announcer.say(messages.queue.takenBack)
  }

  takeBackLast(): void {
    const last = this.list.findLast(({ state }) => state === 'waiting')
    if (last) this.takeBack(last.itemId)
  }

  /** Forgets a refused decision, or one that is not sent yet. */
  dismiss(itemId: string): void {
    const decision = this.of(itemId)
    if (!decision || decision.state === 'sending') return
    this.#stop(decision)
    this.list = this.list.filter(({ key }) => key !== decision.key)
  }

  /** The same decision once more, with the same key: the network failed. */
  sendAgain(itemId: string): void {
    const decision = this.of(itemId)
    if (decision?.failure) void this.#send(decision)
  }

  flush(): void {
    for (const decision of this.list) if (decision.state === 'waiting') void this.#send(decision)
  }

  /** At sign-out, after `flush`. */
  forget(): void {
    for (const decision of this.list) this.#stop(decision)
    this.list = []
  }

  #stop(decision: Decision): void {
    clearInterval(this.#timers.get(decision.key))
    this.#timers.delete(decision.key)
  }

  async #send(decision: Decision): Promise<void> {
    this.#stop(decision)
    decision.state = 'sending'
    decision.failure = null
    const { key } = decision
    try {
      const outcome = await send(decision)
      if (outcome.ok) {
        this.list = this.list.filter((other) => other.key !== key)
        announcer.say(messages.item.sent[decision.answer.verdict](decision.name, decision.answer.choice ?? ''))
        return
      }
      decision.problem = outcome.problem
    } catch (failure) {
      decision.failure = failure instanceof Error ? failure.message : String(failure)
    }
    decision.state = 'refused'
    announcer.interrupt(decision.problem?.message ?? decision.failure ?? '')
  }
}

export const decisions = new Decisions()
