import type { Line } from './table'

/** A cell of a table that a spreadsheet reads, and never takes for a formula. */
const cell = (value: string | number | undefined): string => {
  const text = value === undefined ? '' : String(value)
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const columns: [name: string, of: (line: Line) => string | number | undefined][] = [
  ['id', ({ of }) => of.campaign.id],
  ['name', ({ name }) => name],
  ['status', ({ of }) => of.campaign.status],
  ['version', ({ of }) => of.campaign.version],
  ['where', ({ where }) => where],
  ['offers', ({ offers }) => offers],
  ['channels', ({ of }) => of.campaign.channels.join(' ')],
  ['sent_14_days', ({ sent }) => sent],
  ['redeemed_share_14_days', ({ redeemedShare }) => redeemedShare],
  ['p95_ms_14_days', ({ p95Ms }) => p95Ms],
  ['updated', ({ of }) => of.campaign.updated],
]

/** The list as a table, RFC 4180. */
export const csvOf = (lines: Line[]): string => [columns.map(([name]) => name), ...lines.map((line) => columns.map(([, of]) => cell(of(line))))].map((row) => row.join(',')).join('\r\n')

/** The campaigns of the list, whole. */
export const jsonOf = (lines: Line[]): string => JSON.stringify(lines.map(({ of }) => of.campaign), undefined, 2)

/** Hands a text to the browser as a file. */
export function download(name: string, type: string, text: string) {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = Object.assign(document.createElement('a'), { href: address, download: name })
  link.click()
  URL.revokeObjectURL(address)
}
