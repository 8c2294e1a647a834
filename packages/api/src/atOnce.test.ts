import { MutationObserver } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { atOnce, removeAtOnce, shelf } from './atOnce'
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

interface One {
  campaign: { id: string; status: string }
}

/** A list of two campaigns, and the page of one of them. */
function kept() {
  const client = queryClient()
  const [shoes, coffee]: One[] = [{ campaign: { id: 'shoes', status: 'live' } }, { campaign: { id: 'coffee', status: 'draft' } }]
  client.setQueryData(key, { campaigns: [shoes, coffee], totals: 7 })
  client.setQueryData([...key, 'coffee'], coffee)
  return { client, list: () => client.getQueryData(key), page: () => client.getQueryData([...key, 'coffee']), ...shelf<One>(client, 'campaigns', ({ campaign }) => campaign.id) }
}

test('what becomes of one is in the list and on its page, and nowhere else', () => {
  const { list, page, change } = kept()
  change('coffee', (one) => ({ campaign: { ...one.campaign, status: 'archived' } }))
  expect(list()).toEqual({ campaigns: [{ campaign: { id: 'shoes', status: 'live' } }, { campaign: { id: 'coffee', status: 'archived' } }], totals: 7 })
  expect(page()).toEqual({ campaign: { id: 'coffee', status: 'archived' } })
})

test('what nobody has read is not made up', () => {
  const { client, change } = kept()
  client.clear()
  change('coffee', (one) => one)
  expect(client.getQueryCache().getAll()).toEqual([])
})

const without = { campaigns: [{ campaign: { id: 'shoes', status: 'live' } }], totals: 7 }

test('what is removed is out of the list before the answer, and its page is nowhere after it', async () => {
  const { client, list, page, drop } = kept()
  let answer = () => {}
  const call = () => new Promise<void>((resolve) => (answer = resolve))
  const removing = new MutationObserver(client, removeAtOnce(client, 'campaigns', drop, call, () => Promise.resolve())).mutate('coffee')
  await expect.poll(list).toEqual(without)
  expect(page()).toBeDefined()
  answer()
  await removing
  expect(list()).toEqual(without)
  expect(page()).toBeUndefined()
})

test('what may not be removed is in the list again', async () => {
  const { client, list, page, drop } = kept()
  const before = list()
  const call = () => Promise.reject(new Error('archive it first'))
  await expect(new MutationObserver(client, removeAtOnce(client, 'campaigns', drop, call, () => Promise.resolve())).mutate('coffee')).rejects.toThrow('archive it first')
  expect(list()).toEqual(before)
  expect(page()).toBeDefined()
})
