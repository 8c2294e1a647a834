export interface Change {
  field: string
  before?: string
  after?: string
}

const silent = new Set(['version', 'updated'])

/** What is different between two versions, field by field, in the order of their names. */
export function changesBetween(before: object | undefined, after: object): Change[] {
  if (!before) return []
  const was = flat(before)
  const is = flat(after)
  const fields = [...new Set([...was.keys(), ...is.keys()])].toSorted()
  return fields.flatMap((field) => {
    const [a, b] = [was.get(field), is.get(field)]
    if (a === b || silent.has(field)) return []
    return [{ field, ...(a !== undefined && { before: a }), ...(b !== undefined && { after: b }) }]
  })
}

function flat(value: object, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, part] of Object.entries(value)) {
    const name = Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key
    if (part === null || part === undefined || part === '') continue
    if (typeof part === 'object') for (const [inner, text] of flat(part, name)) found.set(inner, text)
    else found.set(name, String(part))
  }
  return found
}
