import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('nl')

export const words: Words = {
  title: 'Privacyverzoeken',
  note: 'Wat klanten vroegen, en tot wanneer het beantwoord moet zijn: één maand, volgens de wet. Open er een op de pagina van een persoon.',
  notYours: { title: 'Goedkeurders beantwoorden ze', more: 'Wat een klant vraagt, kun je aannemen op de pagina van die klant, onder Personen.' },
  open: {
    label: 'Open verzoeken',
    title: 'Te beantwoorden',
    count: (requests) => (requests === 0 ? 'geen verzoeken' : n(requests, { one: '# verzoek', other: '# verzoeken' })),
    none: 'Er staat niets open',
    noneMore: 'Vraagt een klant wat je over hem of haar weet, om vergeten te worden of om met rust gelaten te worden, neem het dan aan op de pagina van die klant.',
  },
  answered: { label: 'Beantwoorde verzoeken', title: 'Beantwoord' },
  table: { asks: 'Vraagt om', shopper: 'Klant', taken: 'Aangenomen', state: 'Stand', note: 'Opmerking', actions: 'Handelingen' },
  by: (who) => `door ${who}`,
  receipt: 'Bewijs',
  export: 'Exporteren',
  refuse: {
    open: 'Weigeren',
    title: 'Het verzoek weigeren?',
    why: 'Waarom',
    whyMore: 'De klant heeft het recht dit te weten en een klacht in te dienen',
    doIt: 'Verzoek weigeren',
    done: 'Het verzoek is geweigerd, met jouw reden.',
  },
  askFor: {
    open: 'Vraagt om…',
    due: 'Te beantwoorden binnen een maand, onder Privacyverzoeken',
    taken: (kind) => `Aangenomen: “${kind}”.`,
  },
  kinds: {
    access: {
      name: 'Wat er van mij bekend is',
      ask: 'Is de export overhandigd?',
      does: 'Exporteer het eerst en geef het aan de klant. Hiermee noteer je dat het is overhandigd.',
      doIt: 'Overhandigd',
      done: 'Genoteerd: de klant heeft wat er bekend is.',
    },
    erasure: {
      name: 'Vergeet mij',
      ask: 'Deze klant wissen?',
      does: 'Profiel, identificaties, toestemmingen, acties, browsers en gezicht verdwijnen meteen, overal behalve in het logboek van gebeurtenissen; daar liggen ze tot hun tijd om is onder een id dat nergens naar verwijst. Dit kan niet ongedaan worden gemaakt. Het bewijs zegt wat er was, en wat er tot wanneer overblijft.',
      doIt: 'Wissen',
      done: 'De klant is gewist. Het bewijs staat hier.',
    },
    restriction: {
      name: 'Laat mij met rust',
      ask: 'Beperken wat er met deze klant gebeurt?',
      does: 'Elke toestemming wordt ingetrokken en het gezicht wordt verwijderd. Wat bekend is blijft, en wordt nergens voor gebruikt waar toestemming voor nodig is, tot de klant zelf weer ja zegt.',
      doIt: 'Beperken',
      done: 'Elke toestemming is ingetrokken.',
    },
  },
  due: {
    refused: (day) => `Geweigerd ${day}`,
    answered: (day) => `Beantwoord ${day}`,
    late: (days) => n(days, { one: '# dag te laat', other: '# dagen te laat' }),
    today: 'Vandaag uiterlijk',
    left: (days) => n(days, { one: 'nog # dag', other: 'nog # dagen' }),
  },
}
