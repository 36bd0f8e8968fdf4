// Figures for Prometheus. One registry per application, so that two of them in a process do not add up.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = {
  readonly registry: Registry
  readonly requests: Histogram<'method' | 'path' | 'status'>
  readonly sealed: Counter
}

export const createMetrics = (subscribers: () => number): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'countersign_subscribers',
    help: 'Live subscriptions of this process.',
    registers: [registry],
    collect() {
      this.set(subscribers())
    },
  })
  return {
    registry,
    requests: new Histogram({
      name: 'countersign_http_request_seconds',
      help: 'Time to answer an HTTP request, by method, address and status.',
      labelNames: ['method', 'path', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    }),
    sealed: new Counter({
      name: 'countersign_events_sealed_total',
      help: 'Events that this process has given their position in the log.',
      registers: [registry],
    }),
  }
}
