// What every bench says of its figures and of the machine that made them.
import { cpus, totalmem } from 'node:os'

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
export const whole = (value: number): string => Math.round(value).toLocaleString('en')

/** One line: day, processor, memory, what else matters, and how busy others kept the machine in the minute before. */
export const machine = (more: readonly string[], othersLoad: number): string => {
  const processors = cpus()
  return (
    `${new Date().toISOString().slice(0, 10)}; ${processors.length} cores (${processors[0]?.model.trim() ?? 'unknown'}), ` +
    `${[`${Math.round(totalmem() / 2 ** 30)} GiB`, ...more].join(', ')}; ` +
    `load average before the rounds ${othersLoad.toFixed(1)}.`
  )
}
