// Who takes work and when: queues, calendars and absences.
import { graphql, type ResultOf } from '../graphql.ts'
import { ProblemParts } from './fragments.ts'

export const QueuesQuery = graphql(`
  query Queues($company: String!) {
    queues(company: $company) {
      id
      name
      waiting
      claimed
      members {
        id
        name
        active
      }
    }
  }
`)

export const SaveQueue = graphql(
  `
    mutation SaveQueue($input: SaveGroupInput!) {
      result: saveQueue(input: $input) {
        ...ProblemParts
        ... on QueueSuccess {
          __typename
          queue {
            id
            name
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const CalendarsQuery = graphql(`
  query Calendars($company: String!) {
    company(code: $company) {
      id
      calendars {
        name
        zone
        week
        holidays
        isDefault
      }
    }
  }
`)

export const SetCalendar = graphql(
  `
    mutation SetCalendar($input: SetCalendarInput!) {
      result: setCalendar(input: $input) {
        ...ProblemParts
        ... on CompanySuccess {
          __typename
          company {
            id
          }
        }
      }
    }
  `,
  [ProblemParts],
)

const AbsenceParts = graphql(`
  fragment AbsenceParts on Absence {
    id
    from
    until
    company {
      id
      code
    }
    user {
      id
      name
    }
    standIn {
      id
      name
    }
    workflow {
      id
      name
    }
  }
`)

/** One's own, in all of one's companies; with `all` also those of everybody in this one. */
export const AbsencesQuery = graphql(
  `
    query Absences($company: String!, $all: Boolean!) {
      viewer {
        user {
          id
          absences {
            ...AbsenceParts
          }
        }
      }
      absences(company: $company) @include(if: $all) {
        ...AbsenceParts
      }
    }
  `,
  [AbsenceParts],
)

/** What an absence can be limited to. */
export const WorkflowNamesQuery = graphql(`
  query WorkflowNames($company: String!) {
    workflows(company: $company) {
      id
      name
    }
  }
`)

export const SetAbsence = graphql(
  `
    mutation SetAbsence($input: SetAbsenceInput!) {
      result: setAbsence(input: $input) {
        ...ProblemParts
        ... on UserSuccess {
          __typename
          user {
            id
            name
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export const EndAbsence = graphql(
  `
    mutation EndAbsence($input: EndAbsenceInput!) {
      result: endAbsence(input: $input) {
        ...ProblemParts
        ... on UserSuccess {
          __typename
          user {
            id
            name
          }
        }
      }
    }
  `,
  [ProblemParts],
)

export type Queue = NonNullable<ResultOf<typeof QueuesQuery>['queues']>[number]
export type Calendar = NonNullable<ResultOf<typeof CalendarsQuery>['company']>['calendars'][number]
export type Absence = ResultOf<typeof AbsenceParts>
