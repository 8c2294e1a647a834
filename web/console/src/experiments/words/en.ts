import { plurals } from '@aisle/ui/language'

const n = plurals('en')

export const en = {
  title: 'Experiments',
  note: 'Shoppers who get no offer on purpose, and shoppers who keep to one offer each: what the others do more is what offers earn.',
  none: 'No experiment runs',
  noneMore: 'Hold some shoppers out of everything, above, or out of one campaign, or let some keep to one of its offers each: both are among a campaign’s limits.',
  campaigns: 'Go to the campaigns',

  holdout: {
    label: 'The house’s holdout',
    title: 'Held out of everything',
    share: 'Share of shoppers',
    nobody: 'Nobody',
    keep: 'Keep',
    kept: (share: string) => `${share} of shoppers get no offer from now on.`,
    keptNobody: 'Nobody is held out of everything any more.',
    note: 'They get no offer of any campaign, and never know: who they are is drawn of their id, and stays. 5 % is usual. A change begins the comparison anew.',
    changed: (ago: string) => `Changed ${ago}.`,
    adminOnly: 'Only an administrator may change it.',
    conflict: 'Somebody else changed it meanwhile: this is what it is now.',
  },

  counting: {
    progress: (events: string, done: number, of: number) => `${events} events read, ${done} of ${of} parts of the shoppers done…`,
    reading: 'Reading what happened…',
    counted: (ago: string, events: string, decisions: string) => `Counted ${ago} from ${events} events and ${decisions} decisions.`,
    countedSince: (ago: string, events: string, decisions: string, since: string) => `Counted ${ago} from ${events} events and ${decisions} decisions since ${since}.`,
    bounded: 'The log holds older ones that are not looked at: shoppers may have come into an experiment before.',
    timedOut: (done: number, of: number) => `It took too long: only ${done} of ${of} parts of the shoppers are counted.`,
    merged: (people: number) => n(people, { other: '# left out who turned out to be somebody else.' }),
    export: 'Export as CSV',
    again: 'Count again',
  },

  card: {
    house: 'The house’s holdout',
    kinds: { house: 'Any offers at all, against none', campaign: 'This campaign, against none of it', offers: 'Its offers, one against the others' },
    findings: { stop: 'May be stopped', not_yet: 'Not yet', broken: 'Broken' },
    compared: (share: string, since: string) => `${share} compared since ${since}`,
    heldOut: (share: string, since: string) => `${share} held out since ${since}`,
    arm: 'Arm',
    should: 'Should have',
    shoppers: 'Shoppers',
    spent: 'Spent each',
    orders: 'Orders each',
    redeemed: 'Redeemed each',
    given: 'Given away each',
    uneven: (chance: string) => `Uneven: shoppers fall into the arms as unevenly as this by chance ${chance}.`,
    even: (chance: string) => `Shoppers fall into the arms as unevenly as this by chance ${chance}.`,
    rarely: 'less than once in 1,000 times',
    ofTheTime: (share: string) => `${share} of the time`,
    mixed: (people: number) => n(people, { one: '# shopper left out, whose arm changed under them.', other: '# shoppers left out, whose arm changed under them.' }),
    lines: 'The thick line holds if one looks once, at the planned end; the thin one however often one looks, so that an experiment may be stopped by it. Shoppers are counted, not moments, from the first at which their arm could matter.',
    spentNote: 'Spent is what orders tell: a basket that only a redeemed code makes known is not in it, as nobody held out has a code.',
    asTable: 'The same as a table',
    measure: 'Measure',
    difference: 'Difference',
    once: 'Looking once',
    often: 'Looking often',
    before: 'Known from before',
    against: (arm: string, against: string) => `${arm} against ${against}`,
    range: (low: string, high: string) => `${low} to ${high}`,
  },

  ladder: {
    label: 'How deep the discount has to be',
    title: 'How deep it has to be',
    depth: 'Depth',
    from: 'from',
    to: 'to',
    keepsUp: 'Keeps up with the best',
    enough: '– enough',
    yes: 'Yes',
    no: 'No',
    redeemedNote: 'By offers redeemed: what people would have bought anyway is in it, so that a deeper discount looks better than it is. What people spend is gone by once orders, and shoppers who are held out, tell enough.',
  },

  forest: {
    measures: { spent: 'Spent in orders, a shopper', orders: 'Orders a shopper', redeemed: 'Offers redeemed, a shopper' },
    nothing: (measure: string, why: string) => `${measure}: nothing to compare yet. ${why}`,
    allSame: 'All arms did the same.',
    difference: (measure: string) => `${measure}: the difference`,
    label: (measure: string, lines: string[]) => `${measure}. ${lines.join('; ')}`,
    line: (name: string, value: string, low: string, high: string) => `${name}: ${value}, from ${low} to ${high}`,
    noDifference: 'no difference',
  },
}

export type Words = typeof en
