import { describe, expect, it } from 'vitest'
import { sentence as ar } from './spoken/sentences/ar'
import { sentence as nl } from './spoken/sentences/nl'

const rooms = import.meta.glob(['../../../{beacons,offers,services}/**/*.{go,yaml}', '!**/*_test.go'], { query: '?raw', import: 'default', eager: true })
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
    ['a sentence that nobody knows', undefined],
    ['Not yet: a reason that nobody knows', undefined],
  ])('%s', (english, dutch) => expect(nl(english)).toBe(dutch))
})

describe('in Arabic', () => {
  it('keeps names in their own direction', () => expect(ar('Bakery is a quiet zone')).toBe('\u2068Bakery\u2069 منطقة هادئة'))
  it('counts as Arabic does', () => expect(ar('had one 2 hours ago, the next after 11 days')).toBe('نال واحدًا قبل ساعتين، والتالي بعد 11 يومًا'))
})
