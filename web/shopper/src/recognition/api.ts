import type { components } from '@aisle/api'
import { send } from '../api'

type Schemas = components['schemas']
export type Recognition = Schemas['MyRecognition']
export type Notice = Schemas['Notice']
export type Statement = Schemas['Statement']
export type HouseKey = Schemas['HouseKey']
export type Cameras = Schemas['MyCameras']
export type Counts = Schemas['CameraCounts']
export type Seen = Schemas['Seen']

/** What a receipt's text says: of a face, or of all that was known of somebody. */
export interface Deletion {
  id: string
  at: string
  why: string
  places: { place: string; before: number; after: number }[]
  /** Of a face: the cameras' processes. */
  edges?: { edge: string; gone?: string }[]
  /** Of all: what could not be reached. */
  remains?: { name: string; what: string; until?: string }[]
  issued: string
  says: string
}

export const getRecognition = () => send<Recognition>('GET', '/api/me/recognition')
export const getNotice = (language: string) => send<Notice>('GET', `/api/me/recognition/notice?language=${encodeURIComponent(language)}`)
export const signNotice = ({ language, sha256 }: Notice, name: string) =>
  send<Schemas['MyFaceConsent']>('POST', '/api/me/recognition/consent', { language, sha256, name })
export const getReceipt = (id: string) => send<Statement>('GET', receiptPath(id))
export const getHouseKey = () => send<HouseKey>('GET', '/api/house-key')
export const getCameras = (shop: string) => send<Cameras>('GET', `/api/me/cameras${shop && `?shop=${encodeURIComponent(shop)}`}`)
export const notMe = (id: string) => send<void>('POST', `/api/me/recognition/seen/${encodeURIComponent(id)}/wrong`)

export const receiptPath = (id: string) => `/api/me/recognition/receipts/${encodeURIComponent(id)}`
export const consentPath = (id: string) => `/api/me/recognition/consents/${encodeURIComponent(id)}`
