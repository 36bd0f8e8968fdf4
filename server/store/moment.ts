// Which texts the database takes for a moment: one that it does not know fails the whole statement.

const form = /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/i

/** Is this a moment as RFC 3339 writes it, on a day that exists, from the year 1 on? */
export const isMoment = (text: string): boolean => {
  const day = form.exec(text)?.[1]
  if (day === undefined || day.startsWith('0000')) return false
  // A month too many is no date at all, a day too many would be one of the next month.
  const midnight = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day)
}
