import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('nl')

export const words: Words = {
  segment: 'Segment',
  whoBelongs: 'Wie erbij hoort',
  usedBy: 'Gebruikt door',
  changed: 'Gewijzigd',

  list: {
    title: 'Segmenten',
    note: 'Regels met een naam, die campagnes delen. Wie erbij hoort, wordt op elk moment opnieuw bekeken.',
    label: 'Lijst van segmenten',
    add: 'Nieuw segment',
    none: 'Nog geen segment',
    noneMore: 'Een segment zegt één keer wie “gouden koffieliefhebbers” zijn. Elke campagne voor hen verandert mee.',
    first: 'Schrijf het eerste segment',
    unused: 'Nog niets',
    segments: (segments) => (segments === 0 ? 'geen segmenten' : n(segments, { one: '# segment', other: '# segmenten' })),
  },

  add: {
    title: 'Nieuw segment',
    note: 'Wie hoort er bij dit segment?',
    save: 'Segment opslaan',
    saved: (name) => `“${name}” is opgeslagen. Campagnes kunnen er nu voor zijn.`,
  },

  page: {
    edit: 'Segment',
    history: 'Geschiedenis',
    id: 'segment-id',
    save: 'Wijzigingen opslaan',
    saveLive: 'Opslaan, ook in actieve campagnes',
    saved: (name) => `“${name}” is opgeslagen.`,
    savedWith: (name) => `“${name}” is opgeslagen, en zijn campagnes ook.`,
    about: 'Over dit segment',
    unused: 'Nog geen campagne',
    version: 'Versie',
    json: 'Segment als JSON',
    tookBack: (name, version) => `“${name}” is weer zoals in versie ${version}.`,
  },

  remove: {
    button: 'Verwijderen',
    used: 'Er zijn campagnes voor',
    title: 'Dit segment verwijderen?',
    says: 'Er is geen campagne voor. De geschiedenis blijft.',
    yes: 'Verwijderen',
    cancel: 'Annuleren',
    done: (name) => `“${name}” is verwijderd.`,
  },

  form: {
    name: 'Naam',
    namePlaceholder: 'Gouden koffieliefhebbers',
    purpose: 'Waarvoor het is',
    rule: 'Wie hoort erbij?',
    ruleNote: 'Op elk moment opnieuw bekeken',
    noName: 'Geef het segment een naam',
    noRule: 'Zeg wie erbij hoort',
    howMany: 'Hoeveel',
  },

  audience: {
    label: 'Wie er nu bij hoort',
    refused: 'Zodra de regel klopt, worden de klanten hier geteld.',
    failed: 'Ze kunnen nu niet geteld worden; het wordt zo opnieuw geprobeerd.',
    counting: 'Bezig met tellen…',
    match: (shoppers) => n(shoppers, { one: 'klant hoort er nu bij', other: 'klanten horen er nu bij' }),
    reached: 'bereikbaar',
    channels: { app: 'app', push: 'melding', sms: 'sms', email: 'e-mail', webhook: 'webhook' },
    about: (shoppers, margin) => `ongeveer ${shoppers} ± ${margin}`,
    ofAll: (shoppers) => `van ${shoppers} bekende`,
    ofSome: (shoppers, sample) => `van ongeveer ${shoppers} bekende, uit een steekproef van ${sample}`,
    at: (ofWhom, time) => `${ofWhom}, om ${time}`,
    moment: (names) => n(names, { one: 'is alleen bekend als er iets gebeurt, en hier leeg.', other: 'zijn alleen bekend als er iets gebeurt, en hier leeg.' }),
  },
}
