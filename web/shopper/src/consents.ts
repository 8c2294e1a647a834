import type { Purpose } from './api'

/** What each consent means, in words that a customer would use. */
interface Words {
  name: string
  question: string
  meaning: string
  /** What a no costs. */
  without: string
}

export const consentWords: Record<Purpose, Words> = {
  push: {
    name: 'Offers in this app',
    question: 'May we show you offers here?',
    meaning: 'Offers that fit appear in this app while you shop.',
    without: 'Without it this app stays empty.',
  },
  sms: {
    name: 'Text messages',
    question: 'May we text you offers?',
    meaning: 'An offer may come as a text message to your number. Answer STOP whenever you have had enough.',
    without: 'Without it nothing is sent to your number.',
  },
  email: {
    name: 'E-mail',
    question: 'May we e-mail you offers?',
    meaning: 'An offer may come to the address that you gave our shop. Each e-mail has a link to end them.',
    without: 'Without it nothing is sent to your address.',
  },
  search: {
    name: 'What you look for on our site',
    question: 'May we use what you look for on our site?',
    meaning: 'Searches and pages that you viewed on our own site help to choose your offers.',
    without: 'Without it they are not looked at.',
  },
  location: {
    name: 'Where you are in the shop',
    question: 'May we see which aisle you are in?',
    meaning: 'Receivers in the shop hear the tag that you carry, and tell which aisle you are in. Only in the shop.',
    without: 'Without it you are one of the visitors that are only counted.',
  },
  face: {
    name: 'Recognition at the door',
    question: 'May a camera at the door recognise you?',
    meaning: 'We keep numbers that describe your face, never a photo, after you read a notice and sign it.',
    without: 'Without it the camera counts a visitor, and forgets them at once.',
  },
}
