// What all mutations share: the union of success and refusals, and the way from a service's answer or refusal to it.
import type { ObjectRef } from '@pothos/core'
import { builder } from './builder.ts'
import { viewerOf, type Context } from './context.ts'
import { refusalOf, refusals, type RefusalName } from './refusals.ts'
import { decodeId } from './ids.ts'
import { createLoaders } from './loaders.ts'
import { DomainError } from '../domain/errors.ts'
import type { Viewer } from '../services/app.ts'

type Types = typeof builder.$inferSchemaTypes

/** A result union: its success and the refusals that it can answer with. */
export type ResultUnion<T> = { readonly type: ObjectRef<Types, T>; readonly refusals: readonly RefusalName[] }

/** An answer of another kind than the success: that of a dry run. */
type Beside<B> = { readonly type: ObjectRef<Types, B>; readonly is: (answer: object) => boolean }

export const resultUnion = <T, B = never>(
  name: string,
  description: string,
  success: ObjectRef<Types, T>,
  names: readonly RefusalName[],
  beside?: Beside<B>,
): ResultUnion<T | B> => ({
  // Refusals are recognised before resolveType is asked: what gets as far is the success, or what stands beside it.
  type: builder.errorUnion(name, {
    description,
    types: [success, ...((beside === undefined ? [] : [beside.type]) as never[]), ...(refusals(names) as never[])],
    resolveType: (answer) => (beside?.is(answer as object) === true ? beside.type : success).name as never,
  }) as never,
  refusals: names,
})

/**
 * Runs a command: a refusal of the rules becomes the union's member for it, everything else flies and is masked.
 * `companyId` is where the ids of a refusal are looked up. Whatever is read afterwards is read anew.
 */
export const attempt = async <T, R extends { replayed?: true }>(
  context: Context,
  union: ResultUnion<T>,
  companyId: string | null,
  run: (viewer: Viewer) => Promise<R>,
): Promise<R> => {
  try {
    const done = await run(viewerOf(context))
    if (done.replayed === true) context.replayed = true
    return done
  } catch (error) {
    if (error instanceof DomainError) throw refusalOf(error, companyId, union.refusals) ?? error
    throw error
  } finally {
    context.loaders = createLoaders(context.app)
  }
}

/** The company that an id of an input names, if it names one. */
export const companyOfId = (id: string): string | null => decodeId(id)?.parts[0] ?? null

/** What a service has written has to be there to be shown. */
export const readBack = <T>(found: T | null): T => {
  if (found === null) throw new Error('what has just been written is not there')
  return found
}

/** What every input's idempotency key is described with. */
export const keyDescription =
  'A text of your own choice, a new one for each intended command. The same key with the same input again is answered without being done again. Kept for 7 days.'

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** An input whose absent members are absent: null, which clears, stays null. */
export const present = <T extends object>(input: T): Present<T> =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Present<T>
