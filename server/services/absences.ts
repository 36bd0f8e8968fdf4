// Telling the log when absences begin and end (DOMAIN section 10). Nothing waits for it but those who follow: who sits is computed from
// the clock.
import { absenceData } from '../domain/setup-absence.ts'
import { appendEvents } from '../store/events.ts'
import { companiesWithAbsencesDue, markAbsencesDue } from '../store/work.ts'
import type { App } from './app.ts'

/** Absences told of in one transaction. */
const batch = 200

/**
 * Appends AbsenceBegan and AbsenceEnded for absences whose time has come; returns how many events. Each is told once, whoever else
 * does this at the same time; of a company whose set-up somebody is writing, the next time.
 */
export const tellOfAbsences = async (app: App): Promise<number> => {
  const now = app.clock().toISOString()
  let told = 0
  for (const companyId of await companiesWithAbsencesDue(app.db, now)) {
    for (let found = batch; found === batch;) {
      found = await app.db.transaction(async (tx) => {
        const due = await markAbsencesDue(tx, companyId, now, batch)
        const events = due.flatMap((absence) => [
          ...(absence.begins ? [{ type: 'AbsenceBegan', data: absenceData(absence) } as const] : []),
          ...(absence.ends ? [{ type: 'AbsenceEnded', data: absenceData(absence) } as const] : []),
        ])
        await appendEvents(tx, { companyId, actorId: null, at: now }, events)
        told += events.length
        return due.length
      })
    }
  }
  if (told > 0) app.wake()
  return told
}
