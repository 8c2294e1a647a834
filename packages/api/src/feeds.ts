import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Feed = Schemas['Feed']
export type FeedWhole = Schemas['FeedWhole']
export type FeedPlan = Schemas['FeedPlan']
export type FeedParser = Schemas['FeedParser']
export type FeedField = NonNullable<FeedParser['fields']>[number]
export type FeedPreview = Schemas['FeedPreview']
export type FeedReport = FeedPreview['fields'][number]
export type FeedRow = FeedPreview['rows'][number]

const feedsKey = ['feeds']

export const useFeeds = () =>
  useQuery({ queryKey: feedsKey, queryFn: ({ signal }) => answer(api.GET('/api/feeds', { signal })), select: (body) => body.feeds })

export const useFeed = (feed: string) =>
  useQuery({ queryKey: [...feedsKey, feed], queryFn: ({ signal }) => answer(api.GET('/api/feeds/{feed}', { params: { path: { feed } }, signal })) })

/** Proposes how to read a file, by a sample of it. The sample goes as the bytes that it is. */
export const useProposeFeed = () =>
  useMutation({
    mutationFn: ({ sample, name }: { sample: Blob; name: string }) =>
      answer(
        api.POST('/api/feeds/propose', {
          params: { query: { name } },
          body: sample as unknown as string,
          bodySerializer: (body) => body,
          headers: { 'Content-Type': 'application/octet-stream' },
        }),
      ),
  })

/** What a plan makes of a sample. */
export const usePreviewFeed = (plan: FeedPlan | undefined, sample: string | undefined) =>
  useQuery({
    queryKey: [...feedsKey, 'preview', plan, sample],
    queryFn: ({ signal }) => answer(api.POST('/api/feeds/preview', { body: { plan: plan!, sample: sample! }, signal })),
    enabled: plan !== undefined && sample !== undefined,
    placeholderData: (previous) => previous,
    staleTime: Infinity,
    gcTime: 30_000,
  })

/** Keeps a plan; 409 if somebody else did since it was read. */
export function useSaveFeed() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ feed, ...body }: Schemas['NewFeed'] & { feed: string }) => answer(api.PUT('/api/feeds/{feed}', { params: { path: { feed } }, body })),
    onSuccess: (whole) => {
      client.setQueryData([...feedsKey, whole.feed.name], whole)
      return client.invalidateQueries({ queryKey: feedsKey, exact: true })
    },
  })
}

export function useDeleteFeed() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (feed: string) => answer(api.DELETE('/api/feeds/{feed}', { params: { path: { feed } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: feedsKey, exact: true }),
  })
}
