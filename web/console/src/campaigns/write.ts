/** Writes a text into an area at its caret, as if it were typed. */
export function write(area: HTMLTextAreaElement | null, text: string) {
  if (!area) return
  area.focus()
  area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end')
  area.dispatchEvent(new Event('input', { bubbles: true }))
}
