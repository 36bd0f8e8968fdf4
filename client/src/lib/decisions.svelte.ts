// Decisions on their way: each waits five seconds in which it can be taken back (or none), then it is sent and stands. Several
// that are given at once wait together; what becomes of each is said of it, and of all of them in one sentence.
import { announcer } from './announcer.svelte.ts'
import { newKey } from './api.ts'
import {
  Decision,
  readBack,
  Round,
  send,
  written,
  type Answer,
  type Call,
  type Given,
} from './decision-calls.svelte.ts'
import { keep } from './drafts.ts'
import type { Json } from './graphql.ts'
import { messages } from './messages.ts'
import { session } from './session.svelte.ts'
import { settings } from './settings.svelte.ts'
import { toast } from './toasts.svelte.ts'
import { queueWords as words } from './words/queue.ts'

/** As many as one call takes. */
const mostAtOnce = 200
type Verdicts = keyof typeof words.sendingMany

/** That a decision is on its way, as a sentence. */
export const saying = ({ answer, name }: Pick<Decision, 'answer' | 'name'>): string =>
  messages.item.sending[answer.verdict](name, answer.choice ?? '')

/** The same of several. */
export const sayingMany = ({ verdict }: Answer, n: number): string => words.sendingMany[verdict as Verdicts](n)

class Decisions {
  list = $state.raw<readonly Decision[]>([])
  /** Those that can still be taken back. */
  readonly #rounds = new Set<Round>()

  constructor() {
    keep('decisions', () => this)
    // Leaving the page is not taking back: what was decided goes out with it, also from a tab that the browser puts to sleep.
    addEventListener('pagehide', () => this.flush())
    document.addEventListener('freeze', () => this.flush())
  }

  /** Those that nobody is known to have received. */
  get unsent(): readonly Decision[] {
    return this.list.filter(({ failure }) => failure !== null)
  }

  /** Several are more than a page that is closed can send: the window asks first. */
  get dirty(): boolean {
    return this.unsent.length > 0 || this.list.some(({ round, state }) => round.many && state !== 'refused')
  }

  toJSON(): Json {
    return written(this.unsent)
  }

  restore(rounds: Json): void {
    this.list = readBack(rounds)
  }

  of(itemId: string): Decision | undefined {
    return this.list.findLast((decision) => decision.itemId === itemId)
  }

  decide(given: Given): void {
    this.#begin([given], given.answer)
    announcer.say(saying(given))
  }

  /** The same answer to several items. */
  decideMany(given: readonly Omit<Given, 'answer'>[], answer: Answer, ondone: (itemId: string) => void): void {
    if (given.length === 0) return
    this.#begin(
      given.map((one) => ({ ...one, answer })),
      answer,
      ondone,
    )
    announcer.say(sayingMany(answer, given.length))
  }

  takeBack(itemId: string): void {
    if (this.of(itemId)?.state !== 'waiting') return
    this.dismiss(itemId)
    announcer.say(messages.queue.takenBack)
  }

  takeBackRound(round: Round): void {
    if (!this.#rounds.has(round)) return
    this.#stop(round)
    this.list = this.list.filter((decision) => decision.round !== round)
    announcer.say(messages.queue.takenBack)
  }

  takeBackLast(): void {
    const last = this.list.findLast(({ state }) => state === 'waiting')
    if (last) this.takeBackRound(last.round)
  }

  /** Forgets a refused decision, or one that is not sent yet. */
  dismiss(itemId: string): void {
    const decision = this.of(itemId)
    if (!decision || decision.state === 'sending') return
    this.list = this.list.filter((other) => other !== decision)
    if (!this.list.some(({ round }) => round === decision.round)) this.#stop(decision.round)
  }

  /** What of a round was not received once more; what has been under way with the same key. */
  sendAgain(round: Round): void {
    round.silent = false
    const tried = this.unsent.flatMap((decision) => (decision.round === round && decision.call ? [decision.call] : []))
    void this.#send(round, tried)
  }

  /** Forgets what of a round was not received. */
  drop(round: Round): void {
    this.list = this.list.filter((decision) => decision.round !== round || decision.failure === null)
  }

  flush(): void {
    for (const round of this.#rounds) {
      const sent = this.#calls(round).map((call) => this.#deliver(call))
      void Promise.all(sent).then(() => this.#sum(round))
    }
  }

  /** A sign-in has ended: what has not gone out is kept for the same person, and for nobody else. */
  hold(): void {
    keep('decisions', () => this)
    for (const decision of this.list) {
      decision.round.silent = true
      if (decision.state !== 'waiting') continue
      this.#stop(decision.round)
      decision.state = 'refused'
      decision.failure = messages.queue.held
    }
  }

  forget(): void {
    for (const round of this.#rounds) this.#stop(round)
    for (const { round } of this.list) round.silent = true
    this.list = []
  }

  #begin(given: readonly Given[], answer: Answer, ondone?: (itemId: string) => void): void {
    keep('decisions', () => this)
    const round = new Round(answer, given.length > 1, ondone)
    const fresh = given.map((one) => new Decision(one, round))
    const ids = new Set(given.map(({ itemId }) => itemId))
    this.list = [...this.list.filter(({ itemId, state }) => state === 'sending' || !ids.has(itemId)), ...fresh]
    this.#rounds.add(round)
    if (settings.deciding === 'once') return void this.#send(round)
    // By the clock: a hidden tab is woken less often, and keeps its word all the same.
    round.timer = setInterval(() => {
      round.secondsLeft = Math.max(0, Math.round((round.ends - Date.now()) / 1000))
      if (round.secondsLeft === 0) void this.#send(round)
    }, 1000)
  }

  #stop(round: Round): void {
    clearInterval(round.timer)
    this.#rounds.delete(round)
  }

  /** From now on they can no longer be taken back. */
  #calls(round: Round): Call[] {
    this.#stop(round)
    const decisions = this.list.filter((decision) => decision.round === round && decision.call === null)
    round.sent += decisions.length
    const calls: Call[] = []
    for (let from = 0; from < decisions.length; from += mostAtOnce)
      calls.push({ key: newKey(), decisions: decisions.slice(from, from + mostAtOnce) })
    for (const call of calls) {
      for (const decision of call.decisions) {
        decision.call = call
        decision.state = 'sending'
      }
    }
    return calls
  }

  /** More than one call takes go in turns; after those that have been `tried` before. */
  async #send(round: Round, tried: readonly Call[] = []): Promise<void> {
    for (const call of new Set([...tried, ...this.#calls(round)])) await this.#deliver(call)
    this.#sum(round)
  }

  async #deliver(call: Call): Promise<void> {
    for (const decision of call.decisions) {
      decision.state = 'sending'
      decision.failure = null
    }
    try {
      const problems = await send(call)
      for (const [index, decision] of call.decisions.entries()) decision.problem = problems[index] ?? null
    } catch (failure) {
      const text =
        session.token === null ? messages.queue.held : failure instanceof Error ? failure.message : String(failure)
      for (const decision of call.decisions) decision.failure = text
    }
    const refused = call.decisions.filter(({ problem, failure }) => problem !== null || failure !== null)
    for (const decision of call.decisions) {
      if (refused.includes(decision)) decision.state = 'refused'
      else decision.round.ondone(decision.itemId)
    }
    this.list = this.list.filter((decision) => decision.call !== call || decision.state === 'refused')
    const [only] = call.decisions
    if (!only || only.round.many || only.round.silent) return
    if (refused.length > 0) announcer.interrupt(only.problem?.message ?? only.failure ?? '')
    else announcer.say(messages.item.sent[only.answer.verdict](only.name, only.answer.choice ?? ''))
  }

  /** What became of several, in words: how many stand, and why the others do not. */
  #sum(round: Round): void {
    if (!round.many || round.silent) return
    const refused = this.list.filter((decision) => decision.round === round && decision.state === 'refused')
    const done = words.sentMany[round.answer.verdict as Verdicts](round.sent - refused.length)
    if (refused.length === 0) return toast(done)
    const why = Map.groupBy(refused, ({ problem, failure }) => problem?.message ?? failure ?? '')
    const sentences = [...why]
      .map(([sentence, all]) =>
        words.times(
          sentence,
          all.map(({ name }) => name),
        ),
      )
      .join(' ')
    const lost = refused.some(({ failure }) => failure !== null)
    toast(`${done}, ${words.refusedMany(refused.length, sentences)}`, {
      kind: 'failure',
      ...(lost && { action: { text: messages.tryAgain, run: () => this.sendAgain(round) } }),
    })
  }
}

export const decisions = new Decisions()
