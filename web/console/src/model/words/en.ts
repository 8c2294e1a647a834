import { plurals } from '@aisle/ui/language'

const n = plurals('en')
const decisions = (many: number) => (many === 0 ? 'no decisions' : n(many, { one: '# decision', other: '# decisions' }))
const outcomes = (many: number) => (many === 0 ? 'no outcomes' : n(many, { one: '# outcome', other: '# outcomes' }))
const lists = (many: number) => n(many, { one: '# list', other: '# lists' })

export const en = {
  title: 'Model',
  note: 'What the house has learned of who takes which offer. It is judged by decisions whose window is over, and goes back by itself to an older version that would have known better.',
  states: { none: 'Nothing learned yet', learning: 'Learning', pinned: 'Pinned', back: 'Rolled back' },

  hold: {
    pinned: (by: string, model: string) => `${by} has pinned ${model}`,
    back: (model: string) => `The model went back to ${model}`,
    since: (ago: string, reason: string) => `${ago}: ${reason}.`,
    beside: (many: number) => `It does not learn while it is in use. What learns beside it has taken in ${outcomes(many)}.`,
    besideWatched: (many: number) => `It does not learn while it is in use. What learns beside it has taken in ${outcomes(many)}, and is taken up again when it has proved itself.`,
    useLine: 'Use what learns',
    asked: (by: string, model: string) => `${by} asked for ${model}; the learner does so within seconds, if one runs.`,
    askedLine: (by: string) => `${by} asked for what learns; the learner does so within seconds, if one runs.`,
  },

  tiles: {
    inUse: 'In use',
    as: (model: string) => `as ${model} was`,
    learning: 'and learning',
    none: 'nothing is learned yet',
    learned: 'Learned from',
    outcomes: (many: number) => n(many, { one: 'outcome, when their windows were over', other: 'outcomes, when their windows were over' }),
    expected: 'Expected, and taken',
    ofLast: (many: number) => `of the last ${decisions(many)}`,
    noWindow: 'no window is over yet',
    surprise: 'Surprise, last cohort',
    nats: 'nats a decision; less is better',
  },

  own: {
    title: 'Own models',
    none: 'No campaign can name a model of its own yet',
    noneMore: 'The configuration lists them, under decider.models. Where one does not answer, the house’s model does.',
    model: 'Model',
    state: 'State',
    answered: 'Answered',
    failed: 'Failed',
    notAsked: 'Not asked',
    mean: 'Mean',
    slowest: 'Slowest lately',
    breakers: { closed: 'Asked', open: 'Not asked: it failed', half_open: 'Being tried' },
  },

  plots: {
    label: 'How well it knows',
    none: 'Nothing to judge by yet',
    noneMore: 'What came of an offer counts when its window is over, taken or not. Until then nobody knows how well the model knew.',
    surpriseLabel: 'Surprise by cohort',
    surprise: 'Surprise',
    model: 'the model',
    rate: 'who knows only the rate',
    chart: (cohorts: number, last: string, rate: string) => `Mean surprise of ${n(cohorts, { one: '# cohort', other: '# cohorts' })}, in nats a decision; the last ${last}, of who knows only the rate ${rate}`,
    note: 'Each point is a cohort of decisions whose windows are over, in nats a decision. Below the second line the model knows more than how many take an offer.',
    asTable: 'The same as a table',
    until: 'Until',
    models: 'Models',
    decisions: 'Decisions',
    expected: 'Expected',
    taken: 'Taken',
    to: ' to ',
    calibration: 'Calibration',
    calibrationNote: 'Of offers that were expected to be taken so often, so many were; the bars are what chance allows (95 %). On the dashed line the model says what is so.',
    calibrationLabel: (points: string[]) => `Calibration: ${points.join('; ')}`,
    point: (expected: string, taken: string, of: string) => `expected ${expected}, taken ${taken} of ${of}`,
    xAxis: 'expected to be taken',
    yAxis: 'taken',
  },

  versions: {
    title: 'Older versions',
    note: 'kept to compare with, and to go back to',
    none: 'None is kept yet',
    noneMore: 'The first is kept when four cohorts are learned.',
    version: 'Version',
    kept: 'Kept',
    learned: 'Learned from',
    compared: 'Compared by',
    loss: 'Its surprise',
    inUseLoss: 'What was in use',
    inUse: 'In use',
    use: (model: string) => `Use ${model}`,
    useThis: 'Use this',
    decisions,
  },

  turns: {
    title: 'What happened',
    none: 'Nothing yet',
    noneMore: 'When the model goes back to an older version, or somebody has another one in use, it is told here with the reason.',
    change: (from: string, to: string, reason: string) => `${from} → ${to}: ${reason}`,
    rolledBack: (model: string) => `Went back to ${model} by itself`,
    resumed: 'What learns is in use again, having proved itself',
    somebody: 'Somebody',
    pinned: (by: string, model: string) => `${by} put ${model} in use`,
    released: (by: string) => `${by} had what learns in use again`,
  },

  lists: {
    title: 'Lists of pages',
    since: (version: string, ago: string) => `${version}, ${ago}`,
    trained: (many: number, trial: number) => `Trees trained from ${lists(many)} order what pages ask for. On the newest ${lists(trial)} of which something was taken, and which they were not trained on, they reach an NDCG@10 of `,
    before: (ndcg: string) => `; what was in use before reached ${ndcg}.`,
    none: 'The house’s model orders them',
    noneMore: 'Where pages ask for offers, trees learn from what was seen and taken, and take over when they order lists at least as well.',
    tried: (ago: string) => `Last tried ${ago}.`,
    states: { training: 'Being trained', in_use: 'In use', too_few: 'Too few lists yet', worse: 'Worse: not used', failed: 'Failed' },
    inUse: (version: string) => `${version} ordered the newest lists at least as well as what was in use, and took its place.`,
    it: 'It',
    worse: (ndcg: string, before: string) => `It ordered the newest lists worse than what is in use, which stays: an NDCG@10 of ${ndcg} against ${before}.`,
    fewTaken: (many: number) => `Of the newest lists ${many} had something taken: too few to tell whether it is as good as what is in use.`,
    fewSeen: (seen: number, taken: number) => `${seen} lists were seen and ${taken} offers of them taken; 50 of each are needed.`,
    unknown: 'Nobody knows why.',
    running: 'What came of it is told here when it has ended.',
  },

  drift: {
    title: 'Drift of inputs',
    note: 'two thousand decisions against those before; nothing is done because of it',
    feature: 'Feature',
    index: 'Stability index',
    change: 'Change',
    steady: 'Steady',
    some: 'Some',
    much: 'Much',
  },

  turning: {
    useLine: 'Use what learns',
    useLineMore: 'What has learned beside it decides from now on, and is watched again.',
    useMore: 'It decides from now on, and does not learn, until somebody has what learns in use again. The watch does nothing meanwhile.',
    reason: 'Reason',
    reasonMore: 'Written down with your name.',
    cancel: 'Cancel',
    close: 'Close',
    use: 'Use it',
    told: 'The learner is told.',
  },
}

export type Words = typeof en
