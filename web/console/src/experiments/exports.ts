import type { Experiment } from '@aisle/api'
import { tableOf, type Column } from '../table'

type Lift = Experiment['lifts'][number]
type Row = { of: Experiment; lift: Lift; arm: Experiment['arms'][number]; against: Experiment['arms'][number] }

const columns: Column<Row>[] = [
  ['experiment', ({ of }) => of.name],
  ['campaign', ({ of }) => of.campaign],
  ['since', ({ of }) => of.since],
  ['finding', ({ of }) => of.verdict.finding],
  ['arm', ({ arm }) => arm.name],
  ['people', ({ arm }) => arm.people],
  ['against', ({ against }) => against.name],
  ['people_against', ({ against }) => against.people],
  ['measure', ({ lift }) => lift.measure],
  ['a_person_more', ({ lift }) => (lift.refused ? undefined : lift.value)],
  ['low', ({ lift }) => (lift.refused ? undefined : lift.low)],
  ['high', ({ lift }) => (lift.refused ? undefined : lift.high)],
  ['anytime_low', ({ lift }) => (lift.refused ? undefined : lift.anytime_low)],
  ['anytime_high', ({ lift }) => (lift.refused ? undefined : lift.anytime_high)],
  ['refused', ({ lift }) => lift.refused],
]

/** What each arm does more than another, a line for each measure. */
export const csvOf = (experiments: Experiment[]): string =>
  tableOf(
    columns,
    experiments.flatMap((of) => of.lifts.map((lift) => ({ of, lift, arm: of.arms[lift.arm]!, against: of.arms[lift.against]! }))),
  )
