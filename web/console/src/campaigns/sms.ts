/** How a text message is cut into segments, each of which is paid for. GSM 03.38 and UCS-2, as TS 23.038 says. */

const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
const extended = new Set('^{}\\[~]|€\f')

export interface Segments {
  /** Letters that one segment holds, and how many the text takes: some take two. */
  letters: number
  segments: number
  /** How many letters fit before another segment begins. */
  left: number
  encoding: 'GSM-7' | 'UCS-2'
  /** The first letter that is not of the phones' own alphabet, and so halves what a segment holds. */
  odd?: string
}

export function segments(text: string): Segments {
  const odd = [...text].find((letter) => !basic.has(letter) && !extended.has(letter))
  if (odd === undefined) {
    const letters = [...text].reduce((sum, letter) => sum + (extended.has(letter) ? 2 : 1), 0)
    return { letters, ...cut([...text].map((letter) => (extended.has(letter) ? 2 : 1)), 160, 153), encoding: 'GSM-7' }
  }
  // A letter outside the basic plane is two units, which must not be parted.
  return { letters: text.length, ...cut([...text].map((letter) => letter.length), 70, 67), encoding: 'UCS-2', odd }
}

/** Several segments hold less each, for their number; no letter is cut in two. */
function cut(widths: number[], alone: number, joined: number): { segments: number; left: number } {
  const whole = widths.reduce((sum, width) => sum + width, 0)
  if (whole <= alone) return { segments: 1, left: alone - whole }
  let segments = 1
  let used = 0
  for (const width of widths) {
    if (used + width > joined) {
      segments++
      used = 0
    }
    used += width
  }
  return { segments, left: joined - used }
}

const sample: Record<string, string> = { name: 'Noor', code: '7KQ2M4XB', until: '19:00' }

/** What a phone shows of a template, with a sample shopper. Unknown names stay, so that the mistake is seen. */
export const preview = (template: string, values: { title: string; shop: string }): string =>
  template.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => ({ ...sample, ...values })[name] ?? whole)

export const placeholders = ['name', 'title', 'code', 'shop', 'until']

/** Names in double braces that the house does not know. */
export const unknownPlaceholders = (template: string): string[] =>
  [...template.matchAll(/\{\{\s*(\w*)\s*\}\}/g)].map(([, name]) => name ?? '').filter((name) => !placeholders.includes(name))
