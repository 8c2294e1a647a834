import { plurals } from '@aisle/ui/language'
import type { Words } from '.'

const n = plurals('nl')

export const nl: Words = {
  places: { offers: 'Acties', inbox: 'Berichten', recognition: 'Herkenning', you: 'Jij' },
  main: 'Hoofdmenu',
  back: 'Terug',
  title: 'Acties bij jou in de buurt',
  live: 'live',
  connecting: 'verbinden',
  offline: 'offline',
  youAreIn: (place) => `Je bent in ${place}.`,
  checkIn: 'Hier inchecken',
  stale: (clock) => `De winkel is niet te bereiken. Dit is van ${clock}; codes werken nog aan de kassa.`,
  offers: 'Acties',
  valid: (clock, left) => `Geldig tot ${clock}, ${left}`,
  left: {
    seconds: (s) => `nog ${s} s`,
    minutes: (min) => `nog ${min} min`,
    hours: (h, min) => (min ? `nog ${h} u ${min} min` : `nog ${h} u`),
    days: (days) => n(days, { one: 'nog # dag', other: 'nog # dagen' }),
  },
  useOffer: 'Gebruiken',
  why: 'Waarom deze actie?',
  useThis: (title) => `Gebruik actie: ${title}`,
  whyThis: (title) => `Waarom deze actie: ${title}`,
  used: (clock) => `Gebruikt ${clock}`,
  ended: (clock) => `Afgelopen ${clock}`,
  earlier: 'Eerder',
  earlierOffers: 'Eerdere acties',
  none: 'Nog geen acties',
  noneYet: 'Loop rond. Als er iets in je buurt past, verschijnt het hier vanzelf.',
  noneAllowed: 'Je hebt niet toegestaan dat we je iets sturen.',
  chooseAllowed: 'Kies wat mag',

  chosenBy: 'Wat ze mag kiezen',
  signals: { search: 'Zoeken', location: 'Plaats', face: 'Gezicht' },
  ranked: (ms) => `Opnieuw gerangschikt in ${ms} ms.`,
  notChosen: 'Niet meer voor jou gekozen',
  notChosenWhy: 'Zonder wat je hebt uitgezet waren ze er niet geweest. Hun codes blijven geldig.',
  sourceOf: { search: 'onze site', location: 'ontvangers in de winkel', face: 'de camera bij de deur' },
  off: 'uit',
  asItWas: (name, why) => `“${name}” is zoals het was. ${why}`,
  says: {
    searched: (what) => `Je zocht naar ${what}`,
    dwelled: (where) => `Je bleef even bij ${where}`,
    was_at: (where) => `Je was bij ${where}`,
    near: (where) => `${where} is een paar stappen verderop`,
    recognised: 'Je werd herkend',
  },

  welcome: 'De juiste actie op het juiste moment, terwijl je winkelt. Jij kiest wat we daarvoor mogen gebruiken, en mag altijd van gedachten veranderen.',
  join: 'Meedoen',
  signIn: 'Aanmelden',
  tryAs: 'Probeer het als …',
  demo: 'Dit is een demonstratie. Houd de telefoon vast van een van de klanten.',
  language: 'Taal',

  unreachable: 'De winkel is niet te bereiken. Controleer je verbinding en probeer het opnieuw.',
  notLoaded: 'Deze pagina kon niet worden geladen. Controleer je verbinding en open de app opnieuw.',
  broken: 'Er ging iets mis in deze app. Sluit hem, open hem weer en probeer het nog eens.',
  refused: (status) => {
    if (status === 401) return 'Je bent niet meer aangemeld. Meld je opnieuw aan.'
    if (status === 403) return 'Dat mag niet, of niet meer.'
    if (status === 400) return 'Daaraan klopt iets niet. Kijk het na en probeer het opnieuw.'
    if (status === 404) return 'Dat is er niet meer.'
    if (status === 429) return 'Dat was te vaak. Wacht een minuut en probeer het opnieuw.'
    return `De winkel antwoordde met een fout (${status}). Probeer het over een minuut opnieuw.`
  },
}
