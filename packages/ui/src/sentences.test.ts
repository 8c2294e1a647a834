import { describe, expect, it } from 'vitest'
import { en } from './spoken/en'
import { sentence as ar } from './spoken/sentences/ar'
import { sentence as nl } from './spoken/sentences/nl'

const rooms = import.meta.glob(['../../../{beacons,offers,services,vision}/**/*.{go,yaml}', '!**/*_test.go'], { query: '?raw', import: 'default', eager: true })
const server = Object.values(rooms).join('\n').replaceAll('\\"', '"').replaceAll('%%', '%')
const source = import.meta.glob('./spoken/sentences/*.ts', { query: '?raw', import: 'default', eager: true }) as Record<string, string>

/** What a language has words for: by the lines that begin with a name. */
const named = (tag: string) => [...source[`./spoken/sentences/${tag}.ts`]!.matchAll(/^ {2}(?:'((?:[^'\\]|\\')*)'|(\w+)):/gm)].map(([, quoted, plain]) => (quoted ?? plain ?? '').replaceAll("\\'", "'"))
/** Of the parser of rules, which is not ours. */
const foreign = /^(Syntax error|found no matching|division by zero|no such key)/

describe('the server’s sentences', () => {
  it('are the same in every language', () => expect(named('ar')).toEqual(named('nl')))
  it('are what the server says', () => {
    const parts = named('nl').filter((name) => !foreign.test(name)).flatMap((name) => name.split(/\{[nq]?\}/))
    expect(parts.length).toBeGreaterThan(150)
    expect(parts.filter((part) => part.trim().length > 2 && !server.includes(part.trim()))).toEqual([])
  })
})

describe('in English', () => {
  it.each([
    ['Sample: invalid: it is not text.', 'Sample: it is not text.'],
    ['Feed "till": not found.', 'Feed "till": not found.'],
    ['There is no shop yet: draw one first.', 'There is no shop yet: draw one first.'],
  ])('%s', (said, want) => expect(en.problem(400, said)).toBe(want))
})

describe('in Dutch', () => {
  it.each([
    ['capped: had 2 of 2 in 24 hours', 'had er 2 van de 2 in 24 uur'],
    ['had one 3 hours ago, the next after 2 days', 'had er 3 uur geleden een; de volgende mag na 2 dagen'],
    ['not on a Sunday', 'niet op zondag'],
    ['begins on 2 January 2026 15:04', 'begint op 2 januari 2026 om 15:04 UTC'],
    ['none of its channels is open: no consent to e-mail, no telephone number', 'geen van de kanalen is open: geen toestemming voor e-mail, geen telefoonnummer'],
    ['it hears tag-1 9 dB softer than it used to', 'hoort tag-1 9 dB zachter dan eerst'],
    ['Not yet: 12 and 30 people: at least 30 are needed in each arm.', 'Nog niet: 12 en 30 mensen: in elke groep zijn er minstens 30 nodig.'],
    [
      'Not yet: by orders, “May get it” may differ by anything from −0.25 to +1.5 a person, also by nothing. If it is what it looks like, about 4300 people in all would be needed to tell; there are 812.',
      'Nog niet: naar bestellingen kan “Mag de actie krijgen” alles schelen van −0,25 tot +1,5 per persoon, ook niets. Als het is wat het lijkt, zijn er in totaal ongeveer 4.300 mensen nodig om het te weten; het zijn er 812.',
    ],
    [
      '10 % is the smallest depth that is not worse than the best by more than noise: by offers redeemed it may be up to 0.02 a person worse than 20 %, not more. It gives away 1.30 a person less than 30 %.',
      '10 % is de laagste korting die niet méér dan ruis slechter is dan de beste: naar ingewisselde acties kan het per persoon hooguit 0,02 slechter zijn dan 20 %. Dat geeft per persoon 1,3 minder weg dan 30 %.',
    ],
    ['hour between: give the least and the greatest value', 'hour between: geef de kleinste en de grootste waarde'],
    ['Conflict: there is a campaign "shoes" already: choose another id.', 'Er is al een campagne “shoes”: kies een ander id.'],
    ['campaign "shoes": conflict: it is at version 4, the change was made to 3', 'het is bij versie 4, de wijziging was op 3: kijk er opnieuw naar'],
    [
      'Not as version 1 of the contract of product_viewed: price is a text, want a number: send it without quotes. products.0.sku is missing. And 2 more.',
      'Niet zoals versie 1 van het contract van product_viewed: price is een tekst, verwacht wordt een getal: stuur het zonder aanhalingstekens. products.0.sku ontbreekt. En nog 2.',
    ],
    ['The whole has 3 entries, want at most 2.', 'Het geheel heeft 3 onderdelen, het mogen er hooguit 2 zijn.'],
    ['active is null, want true or false or a text: leave it out where there is none.', 'active is niets, verwacht wordt true of false of een tekst: laat het weg als het er niet is.'],
    ['mail is not an e-mail address.', 'mail is geen e-mailadres.'],
    ['The mapping of segment/web, version 3, cannot be done: step 2: invalid: price is a text that cannot be made a number.', 'De omzetting van segment/web, versie 3, kan niet gedaan worden: stap 2: price is een tekst en kan niet een getal worden.'],
    ['till.csv, line 7: Datum is no time: "gisteren".', 'till.csv, regel 7: Datum is geen tijd: “gisteren”.'],
    ['receiver "r9": not found: it stands in no shop; put it on a floor plan under this name', '“r9” staat in geen winkel: zet die onder deze naam op een plattegrond'],
    ['text or number', 'tekst of getal'],
    ['number, in 5 events', 'getal, in 5 gebeurtenissen'],
    ['none in none of the latest events', undefined],
    ['/properties/price/type: want a text', undefined],
    ['/properties: want an object: {"type": "object"}', '/properties: verwacht wordt een object: {"type": "object"}'],
    ['Datum: the year is not said', 'Datum: het jaar staat er niet bij'],
    ['it shares 2.5 m² with zone "bakery": move or reshape one of them, for a place is in one zone only', 'het deelt 2,5 m² met zone “bakery”: verplaats of verander er een, want een plek ligt in één zone'],
    ['too many attempts: try again in 43 seconds', 'te veel pogingen: probeer het over 43 seconden opnieuw'],
    ['a sentence that nobody knows', undefined],
    ['Not yet: a reason that nobody knows', undefined],
  ])('%s', (english, dutch) => expect(nl(english)).toBe(dutch))
})

describe('in Arabic', () => {
  it('keeps names in their own direction', () => expect(ar('Bakery is a quiet zone')).toBe('\u2068Bakery\u2069 منطقة هادئة'))
  it('counts as Arabic does', () => expect(ar('had one 2 hours ago, the next after 11 days')).toBe('نال واحدًا قبل ساعتين، والتالي بعد 11 يومًا'))
})
