// Fetches a file that takes a sign-in and hands it to the browser to be saved under the name that the server gives it.
import { messages } from '../messages.ts'
import { session } from '../session.svelte.ts'

const fetched = (url: string): Promise<Response> =>
  fetch(url, { headers: { authorization: `Bearer ${session.token ?? ''}` } })

/** Throws an Error with a sentence when it is refused, or not reached. */
export const download = async (url: string): Promise<void> => {
  let response: Response
  try {
    response = await fetched(url)
    if (response.status === 401 && (await session.renew())) response = await fetched(url)
  } catch {
    throw new Error(messages.unreachable)
  }
  if (!response.ok) {
    const answer = (await response.json().catch(() => ({}))) as { message?: string }
    throw new Error(answer.message ?? messages.failed)
  }
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'refused.csv'
  const href = URL.createObjectURL(await response.blob())
  const link = Object.assign(document.createElement('a'), { href, download: name })
  link.click()
  // The browser has begun to read it by then; at once some would find nothing.
  setTimeout(() => URL.revokeObjectURL(href), 60_000)
}
