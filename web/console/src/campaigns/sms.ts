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

/** What one shopper is told, and what a preview makes up for them. */
const shopper = { name: 'Noor', code: '7KQ2M4XB', until: '19:00', link: 'https://shop.example/o/7KQ2M4XB' }

/** What an offer says of itself; what is empty has no value, and a text that names it is sent to nobody. */
export interface OfferValues {
  title: string
  shop: string
  zone: string
  value: string
  discount: string
}

export const placeholders = ['name', 'title', 'code', 'shop', 'zone', 'value', 'discount', 'until', 'link']

const named = /\{\{\s*([^{}]*?)\s*\}\}/g

/** What a phone shows of a template, with a sample shopper. What has no value stays, so that the mistake is seen. */
export const preview = (template: string, values: OfferValues): string => template.replaceAll(named, (whole, name: string) => valueOf(values, name) || whole)

const valueOf = (values: OfferValues, name: string): string => ({ ...shopper, ...values })[name as keyof OfferValues] ?? ''

const names = (template: string) => [...new Set([...template.matchAll(named)].map(([, name]) => name ?? ''))]

/** Names in double braces that the house does not know; of braces that are not closed, what follows them. */
export const unknownPlaceholders = (template: string): string[] => [
  ...names(template).filter((name) => !placeholders.includes(name)),
  ...template.replaceAll(named, '').split('{{').slice(1).map((rest) => rest.trim()),
]

/** Known names for which this offer has nothing to say. */
export const unfilled = (template: string, values: OfferValues): string[] => names(template).filter((name) => placeholders.includes(name) && !valueOf(values, name))
