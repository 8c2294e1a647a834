import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('nl')
const people = (many: number) => (many === 0 ? 'geen personen' : n(many, { one: '# persoon', other: '# personen' }))

export const words: Words = {
  title: 'Herkenning',
  note: 'Wie gevraagd heeft om door de camera herkend te worden, en hoe ver je de camera’s daarin kunt vertrouwen.',
  fewer: 'minder dan 0,1',
  caution: {
    alive: 'Er wordt niet gecontroleerd of er een levend mens voor de camera staat:',
    aliveMore: 'een foto van iemand kan voor die persoon doorgaan. Met alleen een gezicht wordt niets betaald of verzilverd.',
    demo: (model) => `De beschrijver ${model} is alleen goed genoeg voor een demonstratie.`,
    demoMore: 'Hij zit in het huis ingebouwd en heeft geen model nodig. Stel voor meer dan een demonstratie een betere in; die zijn getraind op foto’s van mensen aan wie niets gevraagd is.',
  },
  tiles: {
    enrolled: 'Ingeschreven',
    enrolledMore: 'elk met een ondertekende verklaring',
    threshold: 'Drempel in gebruik',
    lowered: 'verlaagd voor deze verzameling',
    own: 'die van de beschrijver zelf',
    untold: 'geen camera heeft iets gemeld',
    uncounted: 'nog geen onbekende geteld',
    names: 'Verkeerde namen per dag, verwacht',
    namesMore: (most) => `niet meer dan ${most}, bij losse gezichten`,
    kept: 'Bewaard',
    keptDays: (days) => n(days, { one: '# dag', other: '# dagen' }),
    keptMore: (longest) => `na de laatste herkenning, hoogstens ${longest}`,
  },
  waiting: (deletions) => `${n(deletions, { one: '# verwijdering wacht', other: '# verwijderingen wachten' })} tot het proces van een camera meldt dat het gevolgd is.`,
  footfall: {
    label: 'Voorbijgangers',
    strangers: 'Onbekenden die op een dag langs de camera’s komen',
    counted: (strangers) => `Geteld: ${strangers}. Vul zelf een aantal in om te zien wat het zou betekenen.`,
    says: (strangers, expected, enrolled, most) => [
      `Van ${n(strangers, { one: '# onbekende', other: '# onbekenden' })} ${strangers === 1 ? 'zou' : 'zouden'} er `, expected, ` voor een van de ${people(enrolled)} die ingeschreven zijn worden aangezien, en niet meer dan `, most, ', als één gezicht besliste. Drie gezichten of meer moeten het eens zijn, dus het zullen er minder zijn.',
    ],
  },
  curve: {
    label: (model) => `Hoe goed ${model} mensen uit elkaar houdt`,
    title: 'Verkeerde herkenningen tegenover gemiste',
    told: (model, ago) => `${model}, ${ago}`,
    falseMatches: 'Verkeerde herkenningen',
    misses: 'Gemist',
    says: (threshold, falseMatch, miss) =>
      `Bij de drempel ${threshold} komt ${falseMatch} van de vergelijkingen met een ander erdoor, en ${miss} van de eigen gezichten niet.`,
    bounds: (confidence, falseMatch, miss, few) =>
      `Met ${confidence} zekerheid niet meer dan ${falseMatch} en ${miss}${few ? ': zo weinig mensen zeggen weinig, en deze grenzen dalen als er meer zich inschrijven.' : '.'}`,
    none: 'Nog niets te meten',
    noneMore: 'De kromme wordt gemeten aan de mensen die zich inschreven, elk als onbekende voor alle anderen. Er zijn er twee voor nodig.',
    lowered: 'De drempel is verlaagd voor deze verzameling, waarin mensen meer op elkaar lijken dan gewoonlijk.',
    own: 'De drempel is die van de beschrijver zelf: de verzameling geeft geen reden om hem te verlagen.',
    measured: (judged, all) =>
      `Gemeten is aan losse gezichten van ${judged === all ? people(all) : `${n(judged, { other: '#' })} van ${people(all)}`}, elk als onbekende voor alle anderen; over een bezoek beslissen drie gezichten of meer, en dat gaat beter.`,
    table: 'Hetzelfde als tabel',
    threshold: 'Drempel',
    most: 'niet meer dan',
    inUse: (threshold) => `${threshold} (in gebruik)`,
    axis: 'Afstand waaronder iemand een naam krijgt',
    mark: 'drempel',
  },
  people: {
    title: 'Wie ingeschreven is',
    note: 'van niemand wordt een foto bewaard',
    newest: (shown, enrolled) => `; de nieuwste ${shown} van ${enrolled}`,
    none: 'Niemand is ingeschreven',
    noneMore: 'Klanten schrijven zich in met hun eigen telefoon, nadat ze een verklaring gelezen en ondertekend hebben. Tot dan tellen de camera’s bezoekers, en kennen ze niemand.',
    unnamed: (label) => `Klant ${label}`,
    shopper: 'Klant',
    enrolled: 'Ingeschreven',
    consent: 'Met welke toestemming',
    recognised: 'Laatst herkend',
    expires: 'Uiterlijk verwijderd',
    negatives: 'Niet van hen',
    actions: 'Handelingen',
    descriptions: (vectors) => (vectors === 0 ? 'geen beschrijvingen' : n(vectors, { one: '# beschrijving', other: '# beschrijvingen' })),
    notice: (notice) => `Verklaring ${notice}`,
    signed: (at) => `ondertekend ${at}`,
    unsigned: 'van voordat toestemmingen werden ondertekend',
    never: 'nooit',
  },
  actions: {
    label: (name) => `${name}: wat te doen`,
    seen: (times) => `${times} × gezien`,
    lately: 'Herkend in de laatste 24 uur',
    notLately: 'Niet herkend in de laatste 24 uur',
    notThem: (ago, sure) => `Niet deze persoon: ${ago}, ${sure} zeker`,
    download: 'Downloaden wat is ondertekend',
    forget: 'Gezicht verwijderen…',
  },
  wrong: {
    title: (name) => `Was het niet ${name}?`,
    more: (where, ago, name) =>
      `Het gezicht dat ${where} ${ago} zag, wordt 90 dagen bewaard, verzegeld en zonder naam, als een gezicht dat niet van ${name} is. Hetzelfde gezicht wordt niet nog eens voor ${name} aangezien.`,
    doIt: 'Het was iemand anders',
    done: (name) => `Genoteerd: dat was niet ${name}.`,
  },
  forget: {
    title: (name) => `Het gezicht van ${name} verwijderen?`,
    more: 'De toestemming om herkend te worden eindigt, en alles wat het gezicht beschrijft wordt binnen een minuut overal verwijderd. De klant vindt het ondertekende bewijs in de app.',
    doIt: 'Verwijderen',
    done: (name) => `Het gezicht van ${name} is verwijderd.`,
  },
}
