import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('nl')

export const words: Words = {
  title: 'Systeem',
  note: 'Wat hier draait, elke vijf seconden opnieuw opgevraagd.',
  version: 'Versie',
  demo: 'demonstratie',
  stream: { name: 'Berichtenstroom', embedded: 'Ingebouwde broker', kafka: 'Apache Kafka', partitions: (partitions) => n(partitions, { one: '# partitie', other: '# partities' }) },
  state: { name: 'Geheugen', embedded: 'Ingebouwde redis-server', redis: 'Redis', note: 'wat tussen berichten bekend is' },
  catalog: { name: 'Catalogus', sqlite: 'SQLite-bestand', postgres: 'PostgreSQL', note: 'campagnes, winkels, wie mag inloggen' },
  services: {
    title: 'Diensten',
    up: (span, since) => `draait ${span}, sinds ${since}`,
    service: 'Dienst',
    state: 'Toestand',
    lag: 'Nog te verwerken',
    states: { ok: 'Houdt bij', behind: 'Loopt achter', unknown: 'Niet bekend' },
    does: {
      decider: 'Houdt bij wat van elke klant bekend is, en beslist wie welke actie krijgt.',
      learner: 'Leert van wat getoond werd en wat het opleverde hoe waarschijnlijk elke actie wordt aangenomen.',
      notifier: 'Verstuurt wat beslist is, als het op dat moment nog mag.',
      tallies: 'Telt wat lijsten, resultaten en het scherm van de winkel tonen.',
    },
  },
  late: {
    title: 'Hoe laat gebeurtenissen komen',
    note: (events) => `van ${events} gebeurtenissen waarover hier sinds de start is beslist`,
    none: 'Sinds de start is nog geen gebeurtenis gekomen.',
    inTime: 'Op tijd',
    inTimeMore: 'voor het watermerk van hun partitie voorbij was',
    allowed: 'Laat, maar toegestaan',
    allowedMore: 'ze kunnen een campagne wekken zoals andere',
    tooLate: 'Te laat',
    tooLateMore: 'bekend van de klant, maar ze wekken geen campagne',
    features: 'Gemiste kenmerken',
    featuresMore: 'tellingen waar een gebeurtenis te laat voor kwam; ze blijft in de stroom',
    watermark: 'Watermerk',
    watermarkMore: (newest, slowest) => `de voorste partitie ${newest}, de achterste ${slowest}`,
  },
  operators: {
    label: 'Voor technisch beheer',
    numbers: ['Cijfers voor Prometheus staan op ', ', gereedheid op ', '.'],
    metrics: 'adres van de cijfers',
    readiness: 'adres van de gereedheid',
    json: 'Systeem als JSON',
  },
}
