import { plurals } from '../language'
import type { Spoken } from '.'

const n = plurals('nl')
const offers = (many: number) => n(many, { one: 'Eén actie', other: '# acties' })

export const nl: Spoken = {
  triggers: {
    page_viewed: 'Bekeek een pagina',
    product_searched: 'Zocht in de webwinkel',
    product_list_viewed: 'Bekeek een lijst met producten',
    product_viewed: 'Bekeek een product',
    product_added: 'Deed iets in de winkelwagen',
    product_removed: 'Haalde iets uit de winkelwagen',
    cart_viewed: 'Bekeek de winkelwagen',
    checkout_started: 'Ging afrekenen op de site',
    order_completed: 'Kocht iets',
    identified: 'Zei wie het is',
    consent_changed: 'Veranderde een toestemming',
    recognised: 'Herkend bij een camera',
    zone_entered: 'Kwam een zone in',
    zone_dwelled: 'Bleef in een zone',
    zone_left: 'Verliet een zone',
    checked_in: 'Meldde zich met de app',
    device_lent: 'Telefoon of tag bij een ander',
    offer_placed: 'Een pagina of scherm vroeg erom',
    offer_viewed: 'Bekeek een actie',
    offer_clicked: 'Opende een actie',
    offer_redeemed: 'Verzilverde een actie',
    scenario_completed: 'Voltooide een scenario',
    timer_due: 'De tijd verstreek',
  },
  exclusions: {
    late: 'Kwam te laat',
    schedule: 'Niet op dit moment',
    consent: 'Geen toestemming',
    lent: 'Telefoon is uitgeleend',
    quiet_zone: 'Stille zone',
    eligibility: 'Niet voor deze klant',
    applicability: 'Past nu niet',
    suitability: 'Liever niet',
    excluded: 'Niet tijdens een scenario',
    cap: 'Vaak genoeg gehad',
    cooldown: 'Pas nog gehad',
    rule_error: 'De regel mislukte',
    holdout: 'Buiten gehouden, om te meten',
    split: 'Houdt een andere actie ervan',
    representation: 'Niet gemaakt voor die plek',
    shown: 'Al getoond',
    budget: 'Budget is op',
  },
  refusals: {
    consent: 'De klant heeft dit kanaal niet toegestaan.',
    cap: 'De klant heeft het hoogste aantal berichten al gehad.',
    quiet_hours: 'Het zijn de stille uren van de winkel.',
    no_address: 'Er is geen nummer of app bekend om het heen te sturen.',
    expired: 'De actie was verlopen voor ze verstuurd kon worden.',
    replaced: 'Een betere actie kwam ervoor in de plaats.',
    contacts: 'De klant is vandaag genoeg gestoord.',
    stock: 'Alles is al weggegeven.',
    budget: 'Het budget van de campagne is op.',
    campaign: 'De campagne liep niet meer.',
    text: 'De tekst vraagt om iets dat van de klant niet bekend is.',
  },
  deliveries: { claimed: 'Wordt verstuurd', sent: 'Verstuurd', delivered: 'Aangekomen', failed: 'Mislukt', refused: 'Geweigerd', held: 'Vastgehouden' },
  purposes: { push: 'Acties in de app', sms: 'Sms’jes', email: 'E-mail', search: 'Zoekopdrachten op de site', location: 'Plaats in de winkel', face: 'Herkenning met de camera' },
  sensors: { camera: 'Camera', beacon: 'Tag', app: 'App', till: 'Kassa' },
  zoneKinds: { sales: 'Verkoop', entrance: 'Ingang', checkout: 'Kassa’s', quiet: 'Stil: er wordt niets gestuurd' },
  channels: { sms: 'sms', app: 'app', push: 'melding', email: 'e-mail', webhook: 'webhook' },
  health: { ok: 'Hoort', quiet: 'Stil', lost: 'Kwijt', unknown: 'Nooit gehoord' },
  verdicts: { no_offer: 'Geen actie', held_out: 'Buiten gehouden', offered: 'Aangeboden', redeemed: 'Verzilverd', decided: 'Besloten' },

  units: {
    ms: (n) => `${n} ms`,
    s: (n) => `${n} s`,
    min: (n) => `${n} min`,
    h: (n) => `${n} u`,
    days: (days) => n(days, { one: '# dag', other: '# dagen' }),
    pt: (n) => `${n} pt`,
    now: 'nu',
    ago: (span) => `${span} geleden`,
  },

  failed: 'Dat lukte niet.',
  again: 'Opnieuw proberen',
  problem: (status) => {
    if (status === 0) return 'De server antwoordt niet. Kijk of hij draait en of dit apparaat online is; de pagina probeert het zelf opnieuw.'
    if (status === 401) return 'Je bent niet meer aangemeld. Meld je opnieuw aan.'
    if (status === 403) return 'Dat mag je niet, of niet meer.'
    if (status === 404) return 'Dat is er niet meer.'
    if (status === 409) return 'Iemand was je voor. Kijk wat er veranderd is en probeer het opnieuw.'
    if (status === 429) return 'Te veel pogingen. Wacht een minuut en probeer het opnieuw.'
    if (status < 500) return 'Daar klopt iets niet. Kijk het na en probeer het opnieuw.'
    return `De server kon niet antwoorden (${status}). Probeer het zo opnieuw; blijft het zo, kijk dan in het logboek.`
  },
  copy: (what) => `Kopieer ${what}`,
  copied: 'Gekopieerd',
  rawJson: 'Ruwe JSON',
  lightColours: 'Lichte kleuren',
  darkColours: 'Donkere kleuren',

  live: {
    live: 'Live',
    behind: (span) => `${span} achter`,
    connecting: 'Verbinden…',
    replay: 'Herhaling',
    lost: 'Geen verbinding',
    silent: 'Geen nieuws',
    trying: 'wordt opnieuw geprobeerd',
    asOf: (ago) => `getoond zoals ${ago}`,
  },

  plan: {
    zoneNow: (zone, people, optedIn) => `${zone}: ${n(people, { one: '# persoon', other: '# personen' })}, ${optedIn} doen mee`,
    device: { camera: (id) => `Camera ${id}`, receiver: (id) => `Ontvanger ${id}` },
    withState: (device, state) => `${device}: ${state.toLowerCase()}`,
  },

  why: {
    inWords: 'In woorden',
    nobody: 'Geen campagne wacht hierop.',
    noneMade: (many) => `${offers(many)} bekeken; geen daarvan kon gedaan worden.`,
    theOne: 'Eén actie bekeken, en die deed mee.',
    looked: (many, running) => `${offers(many)} bekeken; ${running === many ? 'alle deden' : n(running, { one: '# deed', other: '# deden' })} mee.`,
    drawn: (probability) => `Deze is getrokken met een kans van ${probability}.`,
    heldByHouse: 'Een ervan was gedaan, maar het huis houdt deze klant buiten elke campagne, om te meten wat acties opleveren.',
    heldByCampaign: 'Een ervan was gedaan, maar de campagne houdt deze klant erbuiten, om te meten wat ze oplevert.',

    way: 'Van de gebeurtenis naar de telefoon',
    whole: (span) => `${span} van onze deur naar de telefoon`,
    start: 'Begin',
    happened: 'Gebeurd',
    received: 'Kwam bij onze deur',
    redeemed: 'Verzilverd aan de kassa',
    stops: {
      claimed: (channel) => `Opgepakt voor ${channel}`,
      sent: (channel) => `Verstuurd per ${channel}`,
      delivered: (channel) => `Aangekomen per ${channel}`,
      failed: (channel) => `Mislukt per ${channel}`,
      refused: (channel) => `Geweigerd voor ${channel}`,
      held: (channel) => `Vastgehouden voor ${channel}`,
    },

    running: 'Deden mee',
    formula: 'P × C × V × L × R is de score; een betere score wordt vaker getrokken',
    off: (factors) => `. Uitgezet, zodat het als 1 telt: ${factors}`,
    scores: 'Scores van de acties die meededen',
    offer: 'Actie',
    P: 'Neiging: de kans dat de klant haar neemt, zoals het model heeft geleerd, en hoe zeker dat is',
    C: 'Gewicht van de omstandigheden, door de campagne bepaald',
    V: 'Waarde: wat verzilveren de winkel oplevert',
    L: 'Hefboom: de duim op de weegschaal, door de campagne bepaald',
    R: 'Bereik: 1 in de zone van de actie, verder weg minder',
    score: 'Score',
    drawnWith: 'Kans',
    made: 'Gedaan',
    wouldBeMade: 'Was gedaan',
    behind: (what) => `Achter: ${what}`,
    noWorse: 'Niet slechter: het lot viel op de andere',
    less: { propensity: 'wordt minder vaak genomen', weight: 'weegt hier minder', value: 'minder waard', lever: 'afgeremd door de hefboom', reach: 'verder lopen' },

    shownIn: 'Wat getoond werd in',
    fallback: 'de terugval: iets anders kon niet getoond worden',
    inOrder: 'in deze volgorde',
    noFallback: 'Niets: deze plek heeft geen terugval.',
    everybody: 'voor iedereen',
    drawnBy: (probability) => `getrokken met ${probability}`,
    told: (what) => `De pagina zei: ${what}.`,

    notOthers: 'Waarom de andere niet',
    firstReason: 'de eerste reden die gold',

    consents: 'Toestemmingen op dat moment',
    consentsNote: 'zonder wordt niets gebruikt',
    noConsents: 'Bij deze beslissing staan er geen.',

    woke: 'Wat haar wekte',
    facts: {
      what: 'Wat', where: 'Waar', long: 'Hoe lang', query: 'Gezocht naar', product: 'Product', worth: 'Waard', sure: 'Zeker ervan', senses: 'Gezien door', searched: 'Pas gezocht', tier: 'Klantniveau', source: 'Verteld door',
    },
    eventJson: 'De gebeurtenis als JSON',

    features: 'Wat van de klant bekend was',
    featuresNote: 'precies zoals de beslissing het zag',
    nothingKnown: 'Niets: deze klant was nieuw.',
    atNought: (many) => n(many, { one: 'Nog # stond op nul.', other: 'Nog # stonden op nul.' }),

    rules: 'De regels van de campagne',
    version: (version) => `versie ${version}, zoals ze nu is`,
    noRules: 'Ze heeft er geen: iedereen die haar wekt kan haar krijgen.',
    may: 'Mogen ze?',
    sense: 'Heeft het nu zin?',
    should: 'Moeten we?',

    names: 'Namen',
    ids: { decision: 'Beslissing', trace: 'Spoor', shopper: 'Klant', event: 'Gebeurtenis', campaign: 'Campagne', model: 'Model' },
    idOf: (what) => `id van ${what.toLowerCase()}`,
    channels: 'Kanalen',
    json: 'De beslissing als JSON',
  },
}
