/** A cell of a table that a spreadsheet reads, and never takes for a formula. */
const cell = (value: string | number | undefined): string => {
  const text = value === undefined ? '' : String(value)
  const safe = typeof value === 'string' && /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export type Column<Row> = [name: string, of: (row: Row) => string | number | undefined]

/** Rows as a table, RFC 4180. */
export const tableOf = <Row>(columns: Column<Row>[], rows: Row[]): string =>
  [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, of]) => cell(of(row))))].map((line) => line.join(',')).join('\r\n')

/** Hands a text to the browser as a file. A spreadsheet takes a table for UTF-8 by the mark before it. */
export function download(name: string, type: string, text: string) {
  const address = URL.createObjectURL(new Blob([type === 'text/csv' ? '\ufeff' : '', text], { type }))
  const link = Object.assign(document.createElement('a'), { href: address, download: name })
  link.click()
  URL.revokeObjectURL(address)
}
