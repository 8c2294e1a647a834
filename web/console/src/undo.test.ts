import { describe, expect, it } from 'vitest'
import { begun, changed, redone, undone } from './undo'

describe('undo', () => {
  const typed = changed(changed(changed(begun(''), 'a', 1_000), 'ab', 1_200), 'abc', 9_000)

  it('takes back what was typed at once, at once', () => {
    expect(undone(typed).now).toBe('ab')
    expect(undone(undone(typed)).now).toBe('')
    expect(undone(undone(undone(typed))).now).toBe('')
  })
  it('does it again', () => {
    expect(redone(undone(typed)).now).toBe('abc')
    expect(redone(redone(undone(undone(typed)))).now).toBe('abc')
    expect(redone(typed)).toBe(typed)
  })
  it('forgets what was taken back once something else is done', () => {
    const other = changed(undone(typed), 'x', 20_000)
    expect(redone(other).now).toBe('x')
    expect(undone(other).now).toBe('ab')
  })
  it('remembers the last hundred', () => {
    let past = begun(0)
    for (let i = 1; i <= 150; i++) past = changed(past, i, i * 10_000)
    expect(past.before.length).toBe(100)
    expect(past.before[0]).toBe(50)
  })
})
