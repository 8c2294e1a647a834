import { MutationObserver } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { atOnce } from './atOnce'
import { queryClient } from './query'

const key = ['campaigns']

/** A page that shows a campaign, and a press that pauses it, which the server answers when it is told to. */
function page() {
  const client = queryClient()
  client.setQueryData([...key, 'shoes'], 'live')
  let answer!: (refusal?: Error) => void
  const answered = new Promise<void>((resolve, reject) => (answer = (refusal) => (refusal ? reject(refusal) : resolve())))
  const mutation = new MutationObserver(
    client,
    atOnce(client, key, (_status: string) => answered, (status) => client.setQueryData([...key, 'shoes'], status)),
  )
  const read = (now: string) => client.fetchQuery({ queryKey: [...key, 'shoes'], queryFn: () => now, staleTime: 0 })
  return { shown: () => client.getQueryData([...key, 'shoes']), answer, read, press: () => mutation.mutate('paused') }
}

test('a press shows before it is answered, and stays', async () => {
  const { shown, answer, press } = page()
  const done = press()
  await expect.poll(shown).toBe('paused')
  answer()
  await done
  expect(shown()).toBe('paused')
})

test('what is refused is as it was', async () => {
  const { shown, answer, press } = page()
  const done = press()
  await expect.poll(shown).toBe('paused')
  answer(new Error('no'))
  await expect(done).rejects.toThrow('no')
  expect(shown()).toBe('live')
})

test('what is read before the answer does not undo it, what is read after it holds', async () => {
  const { shown, answer, read, press } = page()
  const done = press()
  await expect.poll(shown).toBe('paused')
  await read('live')
  expect(shown()).toBe('paused')
  answer()
  await done
  await read('archived')
  expect(shown()).toBe('archived')
})
