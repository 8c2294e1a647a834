import { enrolmentToken, Problem, send, type Portrait } from '../api'
import { m } from '../words'

/** What became of the photos: enrolled, or what was wrong, by the photo's place. */
export type Answer = { enrolled: true } | { enrolled: false; message: string; wrong: Record<number, string> }

/** Sends the photos straight to the cameras' process, with a ticket from the shop. */
export async function upload(photos: Blob[]): Promise<Answer> {
  const ticket = await enrolmentToken()
  const form = new FormData()
  form.set('token', ticket.token)
  photos.forEach((photo, i) => form.append('image', photo, `photo-${i + 1}.jpg`))
  try {
    await send('POST', ticket.upload, form)
    return { enrolled: true }
  } catch (problem) {
    if (!(problem instanceof Problem) || !problem.particulars.images) throw problem
    return { enrolled: false, message: problem.message, wrong: wrongWith(problem.particulars.images) }
  }
}

/** What to mend, as sentences, by the photo's place. */
export function wrongWith(portraits: Portrait[]): Record<number, string> {
  return Object.fromEntries(
    portraits
      .filter(({ good }) => !good)
      .map(({ index, advice }) => [index, advice ? m.wrongPhoto(advice) : m.takeAgain]),
  )
}
