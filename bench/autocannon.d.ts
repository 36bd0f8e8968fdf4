// The load generator has no types of its own; this is the part of it that is used.
declare module 'autocannon' {
  type Options = {
    readonly url: string
    readonly method: 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
    readonly connections: number
    /** Seconds. */
    readonly duration: number
  }
  type Result = {
    readonly requests: { readonly total: number; readonly sent: number }
    /** Milliseconds. */
    readonly latency: { readonly p50: number; readonly p99: number }
    /** Seconds. */
    readonly duration: number
    readonly errors: number
    readonly timeouts: number
    readonly non2xx: number
  }
  const autocannon: (options: Options) => Promise<Result>
  export default autocannon
}
