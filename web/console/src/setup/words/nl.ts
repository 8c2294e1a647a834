import type { Words } from './en'

export const words: Words = {
  page: 'Inrichten',
  title: 'Aisle inrichten',
  steps: 'Stappen',
  done: 'klaar',
  goOn: 'Verder',
  step: { admin: 'Jij', shop: 'De winkel', plan: 'De plattegrond', campaign: 'Een campagne', done: 'Open' },
  titles: {
    admin: { title: 'Wie ben je?', says: 'Je wordt de eerste beheerder: later kun je anderen laten inloggen.' },
    shop: { title: 'Je eerste winkel', says: 'De naam, waar ze is en hoe groot. Alles kan later nog veranderen.' },
    plan: { title: 'Zones, ontvangers, camera’s', says: 'Zones zeggen waar mensen zijn. Begin met de ingang en de plekken waar klanten blijven staan.' },
    campaign: { title: 'Je eerste campagne', says: 'Wanneer ze spreekt, tegen wie, en wat ze aanbiedt. Ze begint als concept, of wordt meteen actief.' },
    done: { title: 'De winkel is open', says: 'Wat er nu gebeurt, en waar je kijkt.' },
  },
  admin: {
    name: 'Naam',
    yourName: 'Je naam',
    email: 'E-mailadres',
    yourEmail: 'Je e-mailadres',
    password: 'Wachtwoord',
    least: 'Minstens 10 letters',
    leastMore: 'Minstens 10 letters; een zin onthoud je makkelijk',
    show: 'Wachtwoord tonen',
  },
  plan: {
    noZone: 'Teken minstens één zone.',
    nobodyLocated: 'Zonder ontvangers of camera’s kan nog niemand worden gevonden; je kunt ze later toevoegen.',
  },
  campaign: { later: 'Later', another: 'Ander sjabloon', live: 'Actief maken' },
  next: {
    sources: 'Sluit je webwinkel aan',
    sourcesMore: 'Maak een schrijfsleutel voor de Segment-client, zodat zoekopdrachten en bestellingen worden gehoord.',
    staff: 'Bekijk de winkel nu',
    staffMore: 'Wie waar is, wat er wordt aangeboden, hoe snel. Voor een scherm aan de muur of een tablet.',
    campaigns: 'Naar je campagnes',
    campaignsMore: 'Wat ze versturen en wat het oplevert, wordt daar geteld.',
  },
}
