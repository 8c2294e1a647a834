import type { components } from '@aisle/api'
import { language, t } from './words'

type Schemas = components['schemas']
export type Me = Schemas['Me']
export type Offer = Schemas['MyOffer']
export type Redeemed = Schemas['MyRedeemed']
export type Why = Schemas['MyWhy']
export type Statement = Schemas['Statement']
export type Rank = Schemas['MyRank']
export type Signal = Schemas['MySignal']
export type Message = Schemas['MyMessage']
export type Wishes = Schemas['Wishes']
export type CheckedIn = Schemas['CheckedIn']
export type Purpose = Schemas['Purpose']
export type Consent = Schemas['Consent']
export type Join = Schemas['Join']
export type Joined = Schemas['Joined']
export type DemoShopper = Schemas['DemoShopper']

/** What became of one photo of an enrolment, as the cameras' process says it. */
export interface Portrait {
  /** Of the photo, from 0. */
  index: number
  good: boolean
  advice?: string
}

/** What an error's answer may hold beside its words. */
interface Particulars {
  /** Where in what was sent. */
  errors?: Schemas['FieldError'][]
  images?: Portrait[]
}

/** Why a call did not do what was asked, in words for the person who asked. */
export class Problem extends Error {
  /** HTTP's, or 0 if the shop could not be reached. */
  readonly status: number
  readonly particulars: Particulars

  constructor(status: number, message: string, particulars: Particulars = {}) {
    super(message)
    this.status = status
    this.particulars = particulars
  }
}

export const signedOut = (error: unknown) => error instanceof Problem && error.status === 401

/** What went wrong, for people. */
export const words = (error: unknown) =>
  error instanceof Problem ? error.message : t.broken

/** Me, or undefined where this phone is nobody's yet. */
export const mySession = () => send<{ me?: Me }>('GET', '/api/me/session').then(({ me }) => me)
export const openSession = (token: string) => send<Me>('POST', '/api/me/session', { token })
export const closeSession = () => send<void>('DELETE', '/api/me/session')
export const join = (answers: Join) => send<Joined>('POST', '/api/me/join', answers)
/** The answer is the same whoever the number belongs to. */
export const sendCode = (to: string) => send<unknown>('POST', '/api/me/code', { to })
export const useCode = (to: string, code: string) => send<Me>('POST', '/api/me/code/check', { to, code })
/** Forgets me, and answers with the receipt. */
export const deleteMe = () => send<Statement>('DELETE', '/api/me')
export const getMe = () => send<Me>('GET', '/api/me')
export const getOffers = () => send<{ offers: Offer[] }>('GET', '/api/me/offers').then((body) => body.offers)
export const getWhy = (decision: string) => send<Why>('GET', `/api/me/offers/${encodeURIComponent(decision)}/why`)
export const viewed = (decision: string) => send<void>('POST', `/api/me/offers/${encodeURIComponent(decision)}/viewed`)
export const putConsent = (purpose: Purpose, granted: boolean) =>
  send<Consent>('PUT', `/api/me/consents/${purpose}`, { granted })
export const getRanking = () => send<{ ranking: Rank[] }>('GET', '/api/me/ranking').then((body) => body.ranking)
export const getMessages = () => send<{ messages: Message[] }>('GET', '/api/me/messages').then((body) => body.messages)
export const putWishes = (wishes: Wishes) => send<Wishes>('PUT', '/api/me/wishes', wishes)
export const checkIn = (code: string, zone?: string) => send<CheckedIn>('POST', '/api/me/check-in', { code, ...(zone && { zone }) })
export const enrolmentToken = () => send<Schemas['EnrolmentToken']>('POST', '/api/me/enrolment-token')
export const forgetFace = () => send<Schemas['Removed']>('DELETE', '/api/me/face')

/** Nobody, where this is no demonstration; with more where some have not come yet. */
export const demoShoppers = () => send<{ shoppers: DemoShopper[]; more: boolean }>('GET', '/api/demo/shoppers')

/** The code that hangs in the demonstration's shop; none where this is no demonstration. */
export const demoCode = () =>
  send<{ code: string }>('GET', '/api/demo/check-in').then(
    ({ code }) => code,
    () => '',
  )

/** How far the shop's clock is ahead of the phone's, in milliseconds: by the shop's an offer ends. */
let ahead = 0

/** The shop's time, in milliseconds since 1970, as far as it has told. */
export const now = () => Date.now() + ahead

/** One call, JSON both ways or a form. Rejects with a Problem, never with anything else. */
export async function send<T>(method: string, path: string, body?: object): Promise<T> {
  const form = body instanceof FormData
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: {
        'Accept-Language': language,
        ...(method !== 'GET' && { 'X-Aisle': '1' }),
        ...(body && !form && { 'Content-Type': 'application/json' }),
      },
      body: body ? (form ? body : JSON.stringify(body)) : null,
      signal: AbortSignal.timeout(20_000),
    })
  } catch {
    throw new Problem(0, t.unreachable)
  }
  ahead = Date.parse(response.headers.get('Date')!) - Date.now() || 0
  const answer = await response.json().catch(() => undefined)
  if (response.ok) return answer as T
  throw new Problem(
    response.status,
    t.refused(response.status, answer?.detail),
    answer,
  )
}
