import { plurals } from '@aisle/ui/language'

const n = plurals('en')

export const en = {
  list: {
    title: 'Decisions',
    note: 'Each time something happened that a campaign waits for. The latest 200, newest first.',
    label: 'List of decisions',
    verdict: 'Verdict',
    all: 'All',
    campaign: 'Campaign',
    anyCampaign: 'Any campaign',
    shop: 'Shop',
    anyShop: 'Any shop',
    noMatch: 'Nothing matches',
    noMatchMore: 'No recent decision is like that.',
    showAll: 'Show all decisions',
    none: 'No decision yet',
    noneMore: 'As soon as a shopper does something that a live campaign waits for, the decision appears here with all its reasons.',
    campaigns: 'Look at the campaigns',
  },
  table: {
    when: 'When',
    shopper: 'Shopper',
    what: 'What happened',
    answer: 'Answer',
    state: 'State',
    drawnWith: 'Drawn with',
    latency: 'Event to phone',
    why: (decision: string) => `Why decision ${decision}`,
    onTheWeb: 'On the web',
    nobodyWaits: 'No campaign waits for this',
    none: 'None',
    latest: (decisions: number) => `${n(decisions, { one: '# decision', other: '# decisions' })}, the latest`,
  },
  one: {
    gone: 'No such decision',
    goneTitle: 'This decision is not there',
    goneMore: 'Decisions are kept for 90 days; check that the id is whole.',
    recent: 'Recent decisions',
    why: 'Why',
    whyNone: 'Why no offer was made',
    whyOffer: (offer: string) => `Why “${offer}”`,
    thisOffer: 'this offer',
    id: 'decision id',
    shopper: (label: string) => `Shopper ${label}`,
    campaign: 'Campaign',
    inShop: (shop: string) => `, ${shop}`,
    heldBy: { house: 'held out by the house', campaign: 'held out by the campaign' },
    model: 'model',
  },
}

export type Words = typeof en
