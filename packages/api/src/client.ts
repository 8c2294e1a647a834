import createClient from 'openapi-fetch'
import type { components, paths } from './schema'

type FieldError = components['schemas']['FieldError']

/** The typed client. The header tells the server that no other site's page sent this. */
export const api = createClient<paths>({ baseUrl: '', headers: { 'X-Aisle': '1' } })

/** Why a call did not do what was asked, in words for the person who asked. */
export class Problem extends Error {
  /** HTTP's, or 0 where the server could not be reached. */
  readonly status: number
  /** What is wrong with which part of what was sent. */
  readonly fields: FieldError[]

  constructor(status: number, message: string, fields: FieldError[] = []) {
    super(message)
    this.name = 'Problem'
    this.status = status
    this.fields = fields
  }
}

const unreachable = 'The server does not answer. Check that it runs and that this machine is online; the page tries again by itself.'
const unexpected = (status: number) =>
  `The server could not answer (${status}). Try again in a moment; if it stays so, look at its log.`

/** What a failed answer says, or the best that can be said of it. */
export function problemOf(status: number, body: unknown): Problem {
  if (typeof body !== 'object' || body === null) return new Problem(status, unexpected(status))
  const { detail, title, errors } = body as Partial<components['schemas']['Problem']>
  return new Problem(status, sentence(detail || title || unexpected(status)), errors ?? [])
}

/** A server's lower-case text as a sentence. */
export function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?…]$/.test(first) ? first : `${first}.`
}

interface Answer<T> {
  data?: T | undefined
  error?: unknown
  response: Response
}

/** The body of a call that went well. @throws {Problem} */
export async function answer<T>(call: Promise<Answer<T>>): Promise<T> {
  let answered: Answer<T>
  try {
    answered = await call
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new Problem(0, unreachable)
  }
  if (!answered.response.ok) throw problemOf(answered.response.status, answered.error)
  return answered.data as T
}

/** What went wrong, for people. */
export const words = (error: unknown): string =>
  error instanceof Problem ? error.message : 'Something went wrong in this page. Load it again, and try once more.'

export const signedOut = (error: unknown) => error instanceof Problem && error.status === 401
