export const en = {
  page: 'Set-up',
  title: 'Set up Aisle',
  steps: 'Steps',
  done: 'done',
  goOn: 'Go on',
  step: { admin: 'You', shop: 'The shop', plan: 'Its plan', campaign: 'A campaign', done: 'Open' },
  titles: {
    admin: { title: 'Who are you?', says: 'You become the first admin: you can let others sign in later.' },
    shop: { title: 'Your first shop', says: 'Its name, where it is, and how large. Everything can be changed later.' },
    plan: { title: 'Zones, receivers, cameras', says: 'Zones say where people are. Begin with the entrance and the places where shoppers stay.' },
    campaign: { title: 'Your first campaign', says: 'When it speaks, to whom, and what it offers. It begins as a draft, or goes live at once.' },
    done: { title: 'The shop is open', says: 'What happens now, and where to look.' },
  },
  admin: {
    name: 'Name',
    yourName: 'Your name',
    email: 'E-mail',
    yourEmail: 'Your e-mail address',
    password: 'Password',
    least: 'At least 10 letters',
    leastMore: 'At least 10 letters; a sentence is easy to keep in mind',
    show: 'Show the password',
  },
  plan: {
    noZone: 'Draw at least one zone.',
    nobodyLocated: 'Without receivers or cameras nobody can be located yet; they can be added later.',
  },
  campaign: { later: 'Later', another: 'Another template', live: 'Send it live' },
  next: {
    sources: 'Connect your web shop',
    sourcesMore: 'Make a write key for its Segment client, so that searches and orders are heard.',
    staff: 'See the shop now',
    staffMore: 'Who is where, what is offered, how fast. For a wall screen or a tablet.',
    campaigns: 'Go to your campaigns',
    campaignsMore: 'What they send, and what comes of it, is counted there.',
  },
}

export type Words = typeof en
