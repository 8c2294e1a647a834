import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

export { nl as shared } from '@aisle/ui/spoken/nl'

const n = plurals('nl')

export const words: Words = {
  language: 'Taal',
  title: (shop) => `${shop} nu · Aisle`,
  shopNow: 'De winkel nu',
  nowIn: (shop) => `${shop} nu`,
  close: 'Sluiten',
  console: 'Openen in de console',
  noShop: 'Nog geen winkel',
  noShopYet: 'Zodra een winkel een plattegrond heeft, toont dit scherm wie er is, wat hun wordt aangeboden en wat ervan komt.',
  setUp: 'De eerste winkel inrichten',

  main: 'Hoofdmenu',
  places: { take: 'Code aannemen', decisions: 'Beslissingen', people: 'Mensen', campaigns: 'Campagnes', sandbox: 'Proefberichten', system: 'Systeem' },

  top: 'Winkel en actualiteit',
  shop: 'Winkel',
  loadingShops: 'Winkels laden…',
  allShops: 'Alle winkels nu',
  replay: 'Herhaling',
  shopTime: (clock) => `${clock} in de winkel`,
  wholeScreen: 'Het hele scherm gebruiken',
  leaveWholeScreen: 'Het hele scherm verlaten',
  stale: (clock) => `De winkel is niet bereikbaar. Zo was het om ${clock}; het gaat vanzelf verder zodra de verbinding er weer is.`,

  alerts: {
    title: 'Waarschuwingen',
    many: (alerts) => (alerts === 0 ? 'Geen waarschuwingen' : n(alerts, { one: '# waarschuwing', other: '# waarschuwingen' })),
    well: 'Alles gaat goed',
    wellMore: 'Een camera die stilvalt, een ontvanger die gemaakt moet worden, berichten die mislukken of een dienst die achterloopt, staan hier met wat je eraan doet.',
    seen: 'Wordt verholpen',
    severe: 'Werkt niet',
    mild: 'Wordt slechter',
    see: 'Ik zorg ervoor',
    about: (kind, subject) => about(kind, subject ?? ''),
  },

  figures: {
    title: 'Kerncijfers',
    inShop: 'Nu in de winkel',
    optedIn: 'Doen mee',
    sent: 'Acties vandaag',
    redeemed: 'Verzilverd vandaag',
    latency: 'Naar de telefoon, p95',
    usual: (more) => `${more} t.o.v. normaal`,
    ofVisitors: (share) => `${share} van de bezoekers`,
    yesterday: (change) => `${change} t.o.v. gisteren`,
    delivered: (count) => `${count} aangekomen`,
    atTill: (count) => `${count} aan de kassa`,
    target: (span) => `Doel ${span}`,
  },

  floor: {
    title: 'Plattegrond',
    floor: 'Verdieping',
    choose: (floor) => `${floor}: kies een zone om er meer van te zien`,
    heat: 'Drukte van',
    now: 'Nu',
    minutes: (minutes) => `${minutes} min`,
    people: (many) => `Mensen op de plattegrond die meedoen: ${many}. Met de pijltjes ga je van de een naar de ander, Enter opent hun kaart.`,
    legend: 'Legenda',
    quiet: 'Rustig',
    busy: 'Druk',
    known: 'Twee getuigen',
    possible: 'Mogelijk lid',
    lent: 'Apparaat uitgeleend',
    anonymous: 'Anoniem',
    pushed: 'Actie gestuurd',
    devices: 'Camera’s en ontvangers',
    camera: 'Camera',
    receiver: 'Ontvanger',
    noFloor: 'Deze winkel heeft nog geen plattegrond',
    noFloorYet: 'Daarop is te zien waar mensen zijn. De cijfers, de acties en wie hulp kan gebruiken staan hier ook zonder.',
    drawFloor: 'De plattegrond tekenen',
    noZones: 'Deze winkel heeft nog geen zones',
    noZonesYet: 'Zones zeggen waar mensen zijn. Zodra ze getekend zijn, verschijnt iedereen die gezien wordt hier.',
    drawZones: 'De zones tekenen',
  },

  zone: {
    label: 'Zone',
    named: (zone) => `Zone ${zone}`,
    none: 'Geen zone gekozen',
    noneYet: 'Kies er een op de plattegrond om te zien wie er is en welke acties werken.',
    busy: 'Druk',
    empty: 'Leeg',
    normal: 'Normaal',
    follow: 'Weer de drukste zone volgen',
    busiest: 'De drukste nu.',
    keep: 'Kies een zone op de plattegrond om ze hier te houden.',
    of: (holds) => `van ${n(holds, { one: '# persoon', other: '# personen' })}`,
    ago: '30 min geleden',
    now: 'nu',
    stay: 'Gemiddeld verblijf, 30 min',
    optedIn: 'Doen hier mee',
    offers: 'Acties, laatste 10 min',
    today: 'Acties, vandaag',
    redeemed: 'Verzilverd, vandaag',
    best: 'Beste actie vandaag',
    bestOf: (sent, redeemed) => `${n(sent, { other: '# verstuurd' })}, ${n(redeemed, { other: '# verzilverd' })}`,
    noOffer: 'Hier is vandaag aan niemand een actie gestuurd.',
    members: 'Leden hier',
    nobody: 'Niemand die meedoet. Een naam verschijnt zodra twee getuigen het eens zijn.',
    more: (many) => n(many, { other: 'en nog #' }),
  },

  presence: {
    unseen: 'Een tijd niet gezien',
    two: 'twee getuigen',
    device: (label) => `Apparaat van ${label}`,
    near: (label) => `${label} is misschien in de buurt: vraag`,
    not: (label) => `niet ${label}`,
    possible: 'Mogelijk lid',
    possibleCalled: (label) => `Mogelijk lid ${label}`,
    ask: 'vraag',
    face: (sure) => `Gezicht, ${sure} zeker`,
    noFace: 'Geen camera kende het gezicht',
    carried: (sensor, sure) => `${sensor}, ${sure} zeker`,
    noCarried: 'Geen tag, check-in of code',
  },

  feed: {
    title: 'Gestuurde acties',
    every: 'Alle beslissingen',
    which: 'Welke beslissingen',
    offers: 'Acties',
    all: 'Alle',
    rate: (perSecond) => `${perSecond} per seconde`,
    none: 'Nog geen actie',
    noneYet: 'Elke actie die naar een telefoon gaat verschijnt hier binnen een seconde, met waarom deze klant haar kreeg.',
    shopper: (label) => `klant ${label}`,
  },

  help: {
    title: 'Eerst helpen',
    note: 'wie meedoet en lang staat',
    nobody: 'Niemand lijkt te wachten. Wie lang bij een schap of de kassa staat verschijnt hier, met wat je kunt zeggen.',
    not: 'Niet:',
    why: {
      stands: 'Staat hier langer dan wie alleen langsloopt.',
      waits: 'Wacht bij de kassa.',
      searched: 'Keek op de webwinkel naar wat hier verkocht wordt.',
      offer: (offer) => `Heeft de actie op de telefoon niet gebruikt: ${offer}.`,
      enough: (messages) => n(messages, { one: 'Kreeg # bericht in het afgelopen uur: laat liever met rust.', other: 'Kreeg # berichten in het afgelopen uur: laat liever met rust.' }),
    },
    say: {
      hello: (name) => `‘Hallo ${name}.’ Twee getuigen zijn het eens dat het ${name} is.`,
      ask: '‘Kan ik u helpen?’ Vraag het; één getuige alleen kan het mis hebben.',
      finding: (zone) => `Of ze bij ${zone} vinden wat ze zoeken.`,
      offer: 'Dat er in hun app een actie voor hen is.',
    },
    notMention: {
      name: 'Een naam, of dat ze lid zijn.',
      searched: 'Waar ze thuis naar zochten.',
      offer: 'De actie: de telefoon kan van een ander zijn.',
      sensor: 'Dat een camera of een tag zei waar ze zijn.',
      bought: 'Wat ze eerder kochten.',
    },
  },

  latency: {
    label: 'Snelheid',
    title: 'Naar de telefoon',
    period: 'laatste 10 min',
    says: (p50, p95, p99) => `Van gebeurtenis naar telefoon: de helft binnen ${p50}, 95% binnen ${p95}, 99% binnen ${p99}`,
    saysNone: 'Van gebeurtenis naar telefoon: in de laatste tien minuten is niets verstuurd',
    none: 'In de laatste 10 minuten is niets verstuurd. Met de volgende actie verschijnen er lijnen.',
  },

  conversion: {
    title: 'Conversie',
    period: 'laatste 2 u',
    delivered: 'Aangekomen',
    redeemed: 'Verzilverd',
    says: (delivered, redeemed) => `Acties in de laatste twee uur: ${delivered} aangekomen, ${redeemed} verzilverd`,
    none: 'Zodra acties op telefoons aankomen verschijnen er balken.',
  },

  busiest: {
    title: 'Drukste zones',
    note: 'deel van de capaciteit, nu',
    none: 'Nog geen zones',
    noneYet: 'Zodra de winkel zones heeft, staan de volste hier.',
  },

  person: {
    title: 'Nu in de winkel',
    left: 'Ze zijn vertrokken',
    leftMore: 'Een kaart is te zien zolang iemand in de winkel is.',
    between: 'Tussen de zones',
    witnesses: 'Twee getuigen',
    together: (sure) => `Samen ${sure} zeker dat zij het zijn; een naam verschijnt vanaf 95%, als beide het eens zijn.`,
    rule: 'Een naam verschijnt vanaf 95%, als beide het eens zijn.',
    why: 'Waarom zij',
    noWhy: 'Geen reden om nu naar hen toe te gaan.',
    say: 'Dit kun je zeggen',
    notMention: 'Begin hier niet over',
    consents: 'Wat ze hebben toegestaan',
    yes: 'ja',
    no: 'nee',
    decided: 'Voor hen besloten',
    decidedHere: 'Hier voor hen besloten',
    nothing: 'De laatste tijd niets.',
    noOffer: 'Geen actie',
  },

  why: {
    title: 'Waarom deze actie',
    shopper: (label, zone) => `Klant ${label}${zone ? ` in ${zone}` : ''}`,
  },

  shops: {
    inShop: 'in de winkel',
    optedIn: 'doen mee',
    offers: 'acties vandaag',
    redeemed: 'verzilverd',
  },

  replays: {
    title: 'Herhaling',
    earlier: 'Tien minuten eerder',
    later: 'Tien minuten later',
    play: 'Afspelen',
    pause: 'Pauze',
    speed: 'Snelheid',
    time: 'Tijd van de herhaling',
    live: 'Terug naar live',
    key: 'Toets L',
    timedOut: 'In deze minuten staat meer dan in één keer gelezen kan worden: het einde ontbreekt. Kies een later begin.',
    reading: (share) => `Deze minuten worden uit het logboek gelezen… ${share}`,
    nothing: 'In deze minuten is niets besloten.',
    counted: (offers, none, refused) =>
      `${n(offers, { one: '# actie', other: '# acties' })}, ${n(none, { one: '# beslissing', other: '# beslissingen' })} zonder actie, ${n(refused, { one: '# bericht', other: '# berichten' })} geweigerd.`,
    today: 'Namen, en wie anoniem is, zijn zoals het huis ze vandaag mag noemen.',
    allGone: 'Het logboek is deze minuten vergeten: er is niets van over.',
    placesGone: 'Waar mensen stonden is inmiddels vergeten. Wat toen besloten en gestuurd is staat er nog.',
    placesPartly: 'Van het begin van deze minuten is vergeten waar mensen stonden.',
    decisionsPartly: 'Van het begin van deze minuten is vergeten wat besloten is.',
  },

  scan: {
    title: 'Code aannemen',
    shopNow: 'De winkel nu',
    noShop: 'Codes worden in een winkel aangenomen: richt de eerste in via de console.',
    type: 'Of typ de code',
    wrong: 'Een code heeft 8 letters en cijfers.',
    look: 'Opzoeken',
    holds: (clock) => `Geldig tot ${clock}.`,
    taken: (clock) => `Aangenomen om ${clock}.`,
    used: (clock, till) => `Al gebruikt, om ${clock}${till ? ` (${till})` : ''}.`,
    ended: (clock) => `Was geldig tot ${clock}.`,
    left: (clock) => `Was geldig tot de klant de winkel verliet, om ${clock}.`,
    offer: 'Een actie',
    shopper: (code, label) => `${code} · klant ${label}`,
    take: 'Aannemen',
    undo: (seconds) => `Ongedaan maken, nog ${seconds} s`,
    checkIn: 'Inchecken',
    checkInHow: (shop) => `Klanten die geen camera en geen ontvanger kent richten hun telefoon hierop, en hun acties voor ${shop} gaan open.`,
    checkInCode: (shop) => `QR-code om in te checken bij ${shop}`,
    scan: 'Scannen met de camera',
    stop: 'De camera stoppen',
    picture: 'Wat de camera ziet',
    noCamera: 'De camera kan hier niet gebruikt worden. Sta haar toe in de instellingen van deze pagina, of typ de code.',
  },
}

function about(kind: string, subject: string): string {
  switch (kind) {
    case 'camera':
      return `Camera ${subject} is stilgevallen.`
    case 'receiver':
      return `Ontvanger ${subject} heeft aandacht nodig.`
    case 'sender':
      return `Berichten per ${subject} mislukken.`
    case 'quarantine':
      return `Er worden veel gegevens opzij gelegd, de meeste van ${subject}.`
    case 'lag':
      return `${subject} loopt achter: wat je ziet kan laat zijn.`
    case 'latency':
      return 'Acties doen er te lang over naar de telefoon.'
    default:
      return ''
  }
}
