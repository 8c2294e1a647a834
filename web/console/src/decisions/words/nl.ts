import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('nl')

export const words: Words = {
  list: {
    title: 'Beslissingen',
    note: 'Elke keer dat er iets gebeurde waarop een campagne wacht. De laatste 200, de nieuwste bovenaan.',
    label: 'Lijst van beslissingen',
    verdict: 'Uitkomst',
    all: 'Alle',
    campaign: 'Campagne',
    anyCampaign: 'Elke campagne',
    shop: 'Winkel',
    anyShop: 'Elke winkel',
    noMatch: 'Niets gevonden',
    noMatchMore: 'Zo’n beslissing was er de laatste tijd niet.',
    showAll: 'Toon alle beslissingen',
    none: 'Nog geen beslissing',
    noneMore: 'Zodra een klant iets doet waarop een actieve campagne wacht, verschijnt de beslissing hier met al haar redenen.',
    campaigns: 'Bekijk de campagnes',
  },
  table: {
    when: 'Wanneer',
    shopper: 'Klant',
    what: 'Wat er gebeurde',
    answer: 'Antwoord',
    state: 'Toestand',
    drawnWith: 'Trekkingskans',
    latency: 'Tot op de telefoon',
    why: (decision) => `Waarom beslissing ${decision}`,
    onTheWeb: 'Op de site',
    nobodyWaits: 'Geen campagne wacht hierop',
    none: 'Geen',
    latest: (decisions) => `${n(decisions, { one: '# beslissing', other: '# beslissingen' })}, de laatste`,
  },
  one: {
    gone: 'Zo’n beslissing is er niet',
    goneTitle: 'Deze beslissing is er niet',
    goneMore: 'Beslissingen blijven 90 dagen bewaard; kijk of de id volledig is.',
    recent: 'Recente beslissingen',
    why: 'Waarom',
    whyNone: 'Waarom er geen actie kwam',
    whyOffer: (offer) => `Waarom “${offer}”`,
    thisOffer: 'deze actie',
    id: 'id van de beslissing',
    shopper: (label) => `Klant ${label}`,
    campaign: 'Campagne',
    inShop: (shop) => `, ${shop}`,
    heldBy: { house: 'in de controlegroep van het huis', campaign: 'in de controlegroep van de campagne' },
    model: 'model',
  },
}
