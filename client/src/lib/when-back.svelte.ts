// What could not be read while the server was away is read when it is back, without anybody asking for it.
import { untrack } from 'svelte'
import { connection } from './live/connection.svelte.ts'

/** For a component, while it starts: calls `read` each time the connection comes back and the last reading has `failed`. */
export const whenBack = (failed: () => boolean, read: () => void): void => {
  $effect(() => {
    if (connection.status === 'live' && untrack(failed)) untrack(read)
  })
}
