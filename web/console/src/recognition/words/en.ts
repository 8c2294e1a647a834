import { plurals } from '@aisle/ui/language'
import type { ReactNode } from 'react'

const n = plurals('en')
const people = (many: number) => (many === 0 ? 'no people' : n(many, { one: '# person', other: '# people' }))

export const en = {
  title: 'Recognition',
  note: 'Who asked to be recognised by camera, and how far the cameras can be trusted with it.',
  fewer: 'fewer than 0.1',
  caution: {
    alive: 'There is no check that a living person stands before the camera:',
    aliveMore: 'a photo of somebody may count as them. Nothing is paid or redeemed by a face alone.',
    demo: (model: string) => `The describer ${model} is demonstration grade.`,
    demoMore: 'It comes with the house and needs no model. For more than a demonstration configure a better one; those are trained on photos of people who were not asked.',
  },
  tiles: {
    enrolled: 'Enrolled',
    enrolledMore: 'each by a signed notice',
    threshold: 'Threshold in use',
    lowered: 'lowered for this gallery',
    own: 'the describer’s own',
    untold: 'no camera has told',
    uncounted: 'no stranger counted yet',
    names: 'False names a day, expected',
    namesMore: (most: string) => `no more than ${most}, by single faces`,
    kept: 'Kept',
    keptDays: (days: number) => n(days, { one: '# day', other: '# days' }),
    keptMore: (longest: string) => `after the last recognition, ${longest} at most`,
  },
  waiting: (deletions: number) => `${n(deletions, { one: '# deletion waits', other: '# deletions wait' })} for a camera’s process to say that it has followed.`,
  footfall: {
    label: 'Footfall',
    strangers: 'Strangers who pass the cameras in a day',
    counted: (strangers: string) => `Counted: ${strangers}. Write your own to see what it would mean.`,
    says: (strangers: number, expected: ReactNode, enrolled: number, most: ReactNode): ReactNode[] => [
      `Of ${n(strangers, { other: '#' })} strangers, `, expected, ` would be taken for one of the ${people(enrolled)} enrolled, and no more than `, most, ', if a single face decided. Three faces or more must agree, so there will be fewer.',
    ],
  },
  curve: {
    label: (model: string) => `How well ${model} tells people apart`,
    title: 'False matches against misses',
    told: (model: string, ago: string) => `${model}, ${ago}`,
    falseMatches: 'False matches',
    misses: 'Misses',
    says: (threshold: string, falseMatch: string, miss: string) =>
      `At the threshold ${threshold}, ${falseMatch} of comparisons with another person pass, and ${miss} of people’s own faces do not.`,
    bounds: (confidence: string, falseMatch: string, miss: string, few: boolean) =>
      `With ${confidence} confidence no more than ${falseMatch} and ${miss}${few ? ': so few people say little, and these bounds fall as more enrol.' : '.'}`,
    none: 'Nothing to measure yet',
    noneMore: 'The curve is measured on the people who enrolled, each taken for a stranger to all the others. It needs two.',
    lowered: 'The threshold is lowered for this gallery, whose people look more alike than most.',
    own: 'The threshold is the describer’s own: the gallery gives no reason to lower it.',
    measured: (judged: number, all: number) =>
      `It is measured on single faces of ${judged === all ? people(all) : `${n(judged, { other: '#' })} of ${n(all, { other: '# people' })}`}, each taken for a stranger to all the others; a visit is decided by three faces or more, and does better.`,
    table: 'The same as a table',
    threshold: 'Threshold',
    most: 'no more than',
    inUse: (threshold: string) => `${threshold} (in use)`,
    axis: 'Distance below which somebody is named',
    mark: 'threshold',
  },
  people: {
    title: 'Who is enrolled',
    note: 'no picture of anybody is kept',
    newest: (shown: number, enrolled: number) => `; the newest ${shown} of ${enrolled}`,
    none: 'Nobody is enrolled',
    noneMore: 'Shoppers enrol by their own phone, after they read and signed a notice. Until then the cameras count visitors, and know nobody.',
    unnamed: (label: string) => `Shopper ${label}`,
    shopper: 'Shopper',
    enrolled: 'Enrolled',
    consent: 'By which consent',
    recognised: 'Last recognised',
    expires: 'Deleted at the latest',
    negatives: 'Not theirs',
    actions: 'Actions',
    descriptions: (vectors: number) => (vectors === 0 ? 'no descriptions' : n(vectors, { one: '# description', other: '# descriptions' })),
    notice: (notice: string) => `Notice ${notice}`,
    signed: (at: string) => `signed ${at}`,
    unsigned: 'from before consents were signed',
    never: 'never',
  },
  actions: {
    label: (name: string) => `${name}: what to do`,
    seen: (times: number) => `Seen ${times} ×`,
    lately: 'Recognised in the last 24 hours',
    notLately: 'Not recognised in the last 24 hours',
    notThem: (ago: string, sure: string) => `Not this person: ${ago}, ${sure} sure`,
    download: 'Download what they signed',
    forget: 'Delete their face…',
  },
  wrong: {
    title: (name: string) => `Was it not ${name}?`,
    more: (where: string, ago: string, name: string) =>
      `The face that ${where} saw ${ago} is kept for 90 days, sealed and without a name, as one that is not ${name}’s. The same face is not taken for ${name} again.`,
    doIt: 'It was somebody else',
    done: (name: string) => `Noted: that was not ${name}.`,
  },
  forget: {
    title: (name: string) => `Delete the face of ${name}?`,
    more: 'Their consent to be recognised ends, and all that describes their face is deleted everywhere within a minute. They find the signed receipt in their app.',
    doIt: 'Delete',
    done: (name: string) => `The face of ${name} is deleted.`,
  },
}

export type Words = typeof en
