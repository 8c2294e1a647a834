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
  const mutation = new MutationObserver(client, {
    mutationFn: (_status: string) => answered,
    ...atOnce(client, key, (status: string) => client.setQueryData([...key, 'shoes'], status)),
  })
  return { shown: () => client.getQueryData([...key, 'shoes']), answer, press: () => mutation.mutate('paused') }
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
