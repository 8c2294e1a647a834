import { plurals } from '@aisle/ui/language'

const n = plurals('en')

export const en = {
  places: { offers: 'Offers', inbox: 'Inbox', recognition: 'Recognition', you: 'You' },
  main: 'Main',
  back: 'Back',
  title: 'Offers near you',
  live: 'live',
  connecting: 'connecting',
  offline: 'offline',
  youAreIn: (place: string) => `You are in ${place}.`,
  checkIn: 'Check in here',
  stale: (clock: string) => `The shop cannot be reached. This is from ${clock}; codes still work at the till.`,
  offers: 'Offers',
  valid: (clock: string, left: string) => `Valid until ${clock}, ${left}`,
  left: {
    seconds: (s: number) => `${s} s left`,
    minutes: (min: number) => `${min} min left`,
    hours: (h: number, min: number) => (min ? `${h} h ${min} min left` : `${h} h left`),
    days: (days: number) => n(days, { one: '# day left', other: '# days left' }),
  },
  useOffer: 'Use offer',
  why: 'Why this offer?',
  useThis: (title: string) => `Use offer: ${title}`,
  whyThis: (title: string) => `Why this offer: ${title}`,
  used: (clock: string) => `Used ${clock}`,
  ended: (clock: string) => `Ended ${clock}`,
  earlier: 'Earlier',
  earlierOffers: 'Earlier offers',
  none: 'No offers yet',
  noneYet: 'Walk around. When something near you fits, it shows up here by itself.',
  noneAllowed: 'You have not allowed us to send you any.',
  chooseAllowed: 'Choose what is allowed',

  chosenBy: 'What may choose them',
  signals: { search: 'Searches', location: 'Place', face: 'Face' },
  ranked: (ms: number) => `Ranked anew in ${ms} ms.`,
  notChosen: 'No longer chosen for you',
  notChosenWhy: 'Without what you switched off they would not have been made. Their codes still hold.',
  sourceOf: { search: 'our site', location: 'receivers in the shop', face: 'the camera at the door' },
  off: 'off',
  asItWas: (name: string, why: string) => `“${name}” is as it was. ${why}`,
  says: {
    searched: (what: string) => `You looked for ${what}`,
    dwelled: (where: string) => `You spent some time at ${where}`,
    was_at: (where: string) => `You were at ${where}`,
    near: (where: string) => `${where} is a few steps away`,
    recognised: 'You were recognised',
  },

  welcome: 'The right offer at the right moment, while you shop. You choose what we may use for it, and may change your mind at any time.',
  join: 'Join',
  signIn: 'Sign in',
  tryAs: 'Try it as …',
  demo: 'This is a demonstration. Hold the phone of one of its shoppers.',
  language: 'Language',

  unreachable: 'The shop cannot be reached. Check your connection, then try again.',
  notLoaded: 'This page could not be loaded. Check your connection, then open the app again.',
  broken: 'Something went wrong in this app. Close it, open it again, and try once more.',
  /** Of what the shop says itself, in English: nothing. */
  refused: (status: number, detail: string | undefined) =>
    detail ? (detail.charAt(0).toUpperCase() + detail.slice(1)).replace(/\.?$/, '.') : `The shop answered with an error (${status}). Try again in a minute.`,
}
