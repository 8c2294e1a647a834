import { enrolmentToken, Problem, send } from '../api'

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
    const wrong = problem instanceof Problem ? byPhoto(problem.fields) : {}
    if (Object.keys(wrong).length === 0) throw problem
    return { enrolled: false, message: (problem as Problem).message, wrong }
  }
}

/** "images[1]" is the second photo. */
export function byPhoto(fields: { field: string; message: string }[]): Record<number, string> {
  return Object.fromEntries(
    fields.flatMap(({ field, message }) => {
      const place = /\[(\d+)\]$/.exec(field)
      return place ? [[Number(place[1]), message]] : []
    }),
  )
}
