/** One event of a server-sent stream. */
export interface Message {
  id: string
  type: string
  data: string
}

/** Reads a server-sent stream as the HTML standard says, in pieces that may end anywhere. */
export function reader(): (piece: string) => Message[] {
  let rest = ''
  let id = ''
  let type = ''
  let data: string[] = []

  const line = (text: string): Message | undefined => {
    if (text === '') {
      const message = data.length > 0 ? { id, type: type || 'message', data: data.join('\n') } : undefined
      type = ''
      data = []
      return message
    }
    const colon = text.indexOf(':')
    if (colon === 0) return undefined // a comment, to keep the line open
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') data.push(value)
    if (field === 'event') type = value
    if (field === 'id' && !value.includes('\0')) id = value
    return undefined
  }

  return (piece) => {
    rest += piece
    const messages: Message[] = []
    for (;;) {
      const end = /\r\n|\n|\r(?=[^\n])/.exec(rest) // a final \r may be half of \r\n: wait for more
      if (!end) return messages
      const message = line(rest.slice(0, end.index))
      if (message) messages.push(message)
      rest = rest.slice(end.index + end[0].length)
    }
  }
}
