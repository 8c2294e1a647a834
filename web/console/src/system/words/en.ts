import { plurals } from '@aisle/ui/language'

const n = plurals('en')

export const en = {
  title: 'System',
  note: 'What runs here, asked again each five seconds.',
  version: 'Version',
  demo: 'demonstration',
  stream: { name: 'Stream', embedded: 'Broker in the box', kafka: 'Apache Kafka', partitions: (partitions: number) => n(partitions, { one: '# partition', other: '# partitions' }) },
  state: { name: 'State', embedded: 'redis-server in the box', redis: 'Redis', note: 'what is known between records' },
  catalog: { name: 'Catalog', sqlite: 'SQLite file', postgres: 'PostgreSQL', note: 'campaigns, shops, people who sign in' },
  services: {
    title: 'Services',
    up: (span: string, since: string) => `up for ${span}, since ${since}`,
    service: 'Service',
    state: 'State',
    lag: 'Records not handled yet',
    states: { ok: 'Keeps up', behind: 'Behind', unknown: 'Not known' },
    /** What each does, by its name. */
    does: {
      decider: 'Keeps what is known of each shopper, and decides who gets which offer.',
      learner: 'Learns from what was shown and what came of it how likely each offer is to be taken.',
      notifier: 'Sends what was decided, if it still may be sent at that moment.',
      tallies: 'Counts what lists, results and the staff’s screen show.',
    },
  },
  late: {
    title: 'How late events come',
    note: (events: string) => `of ${events} events that were decided on here since the start`,
    none: 'No event has come yet since the start.',
    inTime: 'In time',
    inTimeMore: 'before the watermark of their partition passed them',
    allowed: 'Late, but allowed',
    allowedMore: 'they may wake a campaign as others do',
    tooLate: 'Too late',
    tooLateMore: 'known of the shopper, but they wake no campaign',
    features: 'Features missed',
    featuresMore: 'counts that an event came too late for; it stays on the log',
    watermark: 'Watermark',
    watermarkMore: (newest: string, slowest: string) => `the partition that is ahead ${newest}, the one that is behind ${slowest}`,
  },
  operators: {
    label: 'For operators',
    /** Around the two addresses. */
    numbers: ['Numbers for Prometheus are at ', ', readiness at ', '.'],
    metrics: 'address of the metrics',
    readiness: 'address of readiness',
    json: 'System as JSON',
  },
}

export type Words = typeof en
