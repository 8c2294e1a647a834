import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('nl')

export const words: Words = {
  title: 'Contracten',
  note: 'Wat de eigenschappen van een gebeurtenis moeten zijn. Wat niet aan zijn contract voldoet, ligt in zijn geheel in quarantaine.',
  holds: (version) => `Versie ${version} geldt`,
  everySource: 'Elke bron',

  begin: {
    name: 'Naam van de gebeurtenis',
    start: 'Contract beginnen',
    nameless: 'Noem een gebeurtenis, zoals product_viewed.',
    long: 'Hoogstens 100 tekens.',
  },

  table: {
    label: 'Lijst van contracten',
    none: 'Nog geen contract',
    noneMore: 'Een contract zegt welke eigenschappen een gebeurtenis moet hebben, en van welk type. Begin er een bij een gebeurtenis hieronder: het schema wordt voorgesteld uit wat er tot nu toe kwam.',
    event: 'Gebeurtenis',
    state: 'Staat',
    sources: 'Voor',
    refused: 'Geweigerd, 24 u',
    taken: 'Tot nu toe aangenomen',
    written: 'Geschreven',
    draft: (version) => `Concept ${version}`,
    draftWaits: (version) => `concept ${version} wacht`,
    writtenBy: (at, by) => `${at} door ${by}`,
  },

  without: {
    label: 'Gebeurtenissen zonder contract',
    title: 'Zonder contract',
    note: 'aangenomen, wat hun eigenschappen ook zijn',
    from: 'Van',
    actions: 'Handelingen',
    start: 'Beginnen',
    startFor: (event) => `Contract beginnen voor ${event}`,
  },

  page: {
    unchecked: 'Niet gecontroleerd',
    event: 'gebeurtenis',
    refused: 'Wat geweigerd werd',
    edit: 'Contract',
    noContract: 'Er is geen contract voor',
    noContractMore: 'Deze gebeurtenissen worden aangenomen, wat hun eigenschappen ook zijn. Marketeers en beheerders kunnen een contract beginnen.',
    proposed: 'Dit schema is een voorstel uit wat er tot nu toe kwam: wat altijd kwam, is verplicht. Haal eruit wat mag ontbreken en publiceer het dan.',
    nothingProposed: 'Er kwam nog geen gebeurtenis van die naam, dus valt er niets voor te stellen. Schrijf wat de eigenschappen moeten zijn, of wacht op de eerste gebeurtenis en kom terug.',
  },

  retire: {
    retire: 'Intrekken',
    ask: (event) => `${event} niet meer controleren?`,
    askMore: 'Vanaf nu worden deze gebeurtenissen aangenomen, wat hun eigenschappen ook zijn. De versies blijven, en elk ervan kan opnieuw gepubliceerd worden.',
    yes: 'Trek het in',
    done: (event) => `${event} wordt niet meer gecontroleerd.`,
  },

  publish: {
    publish: 'Publiceren',
    ask: (version) => `Versie ${version} bij de deur laten gelden?`,
    askThis: 'Dit bij de deur laten gelden?',
    more: 'Vanaf nu ligt wat er niet aan voldoet in zijn geheel in quarantaine, tot iemand het in orde maakt en opnieuw stuurt.',
    untried: 'Het is nog niet op gebeurtenissen geprobeerd.',
    insteadMore: 'Ze komt in de plaats van de versie die nu geldt. Wat er niet aan voldoet, ligt van dan af in quarantaine.',
    done: (version, event) => `Versie ${version} van ${event} geldt binnen enkele seconden.`,
  },

  form: {
    label: 'Schema',
    title: 'Wat de eigenschappen moeten zijn',
    dialect: 'JSON Schema, draft 2020-12',
    tidy: 'Netjes maken',
    schemaOf: (event) => `Schema van ${event}`,
    noObject: 'Een contract is een object: {"type": "object", "properties": {…}}.',
    unusable: 'Dit schema kan niet gebruikt worden.',
    sources: 'Voor',
    sourcesMore: 'Geen: voor elke bron.',
    conflict: 'Iemand anders schreef intussen een versie.',
    conflictMore: 'Kopieer eerst je schema en laad dan de nieuwste.',
    reload: 'Nieuwste laden',
    save: 'Opslaan',
    note: 'Wat er anders is',
    noteOptional: 'Wat er anders is (mag leeg)',
    takeBack: 'Terugnemen',
    keep: 'Als concept bewaren',
    kept: (version) => `Versie ${version} is als concept bewaard.`,
    publish: 'Publiceren…',
    publishVersion: (version) => `Versie ${version} publiceren…`,
  },

  trial: {
    title: 'Wat het geweigerd had',
    noJson: 'Zodra het weer JSON is, wordt het op de laatste gebeurtenissen geprobeerd.',
    marked: 'De regel is gemarkeerd. Zodra het bruikbaar is, wordt het op de laatste gebeurtenissen geprobeerd.',
    nothing: 'Niets om het op te proberen',
    untested: 'Van die naam is geen gebeurtenis onthouden, dus viel er niets te proberen.',
    pass: (tested) => n(tested, { one: 'De laatste gebeurtenis zou voldoen.', other: 'De laatste # gebeurtenissen zouden alle voldoen.' }),
    fail: (failed, tested) => n(tested, { one: 'De laatste gebeurtenis zou niet voldoen.', other: `Van de laatste # gebeurtenissen zouden er ${failed} niet voldoen.` }),
    why: 'Waarom, het vaakst bovenaan',
    latestFrom: 'de laatste van',
  },

  history: {
    publish: (version) => `Versie ${version} publiceren`,
    schema: 'Het schema van deze versie',
  },
}
