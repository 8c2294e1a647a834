import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Consent = Schemas['Consent']
export type Purpose = Schemas['Purpose']
export type ShopperSummary = Schemas['ShopperSummary']
export type ShopperDetail = Schemas['ShopperDetail']
export type FeatureValue = Schemas['FeatureValue']

const peopleKey = ['people']

/** Shoppers, latest seen first, asked for again each five seconds. */
export const usePeople = () =>
  useQuery({
    queryKey: peopleKey,
    queryFn: ({ signal }) => answer(api.GET('/api/people', { params: { query: { limit: 500 } }, signal })),
    select: (body) => body.people,
    refetchInterval: 5_000,
  })

/** Shoppers to whom words lead: by the beginning of a name, a number, an address, a device or an id. */
export const useFoundPeople = (words: string, limit = 100) =>
  useQuery({
    queryKey: [...peopleKey, 'found', words, limit],
    queryFn: ({ signal }) => answer(api.GET('/api/people', { params: { query: { q: words, limit } }, signal })),
    select: (body) => body.people,
    enabled: words.trim() !== '',
    placeholderData: (previous) => previous,
  })

export type Happening = Schemas['Timeline']['happenings'][number]

/** What happened to a shopper, page by page, newest first; asked again each ten seconds while nothing older is shown. */
export const useTimeline = (shopper: string) =>
  useInfiniteQuery({
    queryKey: [...peopleKey, shopper, 'timeline'],
    queryFn: ({ signal, pageParam }) =>
      answer(api.GET('/api/people/{shopper}/timeline', { params: { path: { shopper }, query: { ...(pageParam !== '' && { before: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : 10_000),
  })

export const usePerson = (shopper: string) =>
  useQuery({
    queryKey: [...peopleKey, shopper],
    queryFn: ({ signal }) => answer(api.GET('/api/people/{shopper}', { params: { path: { shopper } }, signal })),
    refetchInterval: 5_000,
  })

/** Makes a link that opens the shopper's own app. */
export const usePersonalLink = () =>
  useMutation({
    mutationFn: (shopper: string) => answer(api.POST('/api/people/{shopper}/link', { params: { path: { shopper } } })),
  })

export function useForgetFace() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (shopper: string) => answer(api.DELETE('/api/people/{shopper}/face', { params: { path: { shopper } } })),
    onSuccess: (_, shopper) => client.invalidateQueries({ queryKey: [...peopleKey, shopper] }),
  })
}

export type PersonIdentity = Schemas['PersonIdentity']
export type Alike = Schemas['Alike']
export type AlikePair = Alike['pairs'][number]
export type Identifier = Schemas['Identifier']

/** Why each identifier is a shopper's, and who turned out to be them. */
export const usePersonIdentity = (shopper: string) =>
  useQuery({
    queryKey: [...peopleKey, shopper, 'identity'],
    queryFn: ({ signal }) => answer(api.GET('/api/people/{shopper}/identity', { params: { path: { shopper } }, signal })),
    refetchInterval: 10_000,
  })

/** Who may be the same person, for somebody to say. */
export const useAlike = () =>
  useQuery({
    queryKey: [...peopleKey, 'alike'],
    queryFn: ({ signal }) => answer(api.GET('/api/identity/alike', { signal })),
    refetchInterval: 60_000,
  })

/** What is known of people has changed in a way that concerns several of them. */
function usePeopleMutation<In, Out>(mutationFn: (input: In) => Promise<Out>) {
  const client = useQueryClient()
  return useMutation({ mutationFn, onSuccess: () => client.invalidateQueries({ queryKey: peopleKey }) })
}

/** Takes who was merged into a shopper apart again. */
export const useSeparate = () =>
  usePeopleMutation(({ shopper, who }: { shopper: string; who: string }) => answer(api.POST('/api/people/{shopper}/separate', { params: { path: { shopper } }, body: { who } })))

/** Moves one identifier out, to a shopper of its own. */
export const useDetach = () =>
  usePeopleMutation(({ shopper, identifier }: { shopper: string; identifier: Identifier }) =>
    answer(api.POST('/api/people/{shopper}/detach', { params: { path: { shopper } }, body: identifier })),
  )

/** Says that two shoppers are one person. */
export const useJoin = () =>
  usePeopleMutation(({ shopper, other }: { shopper: string; other: string }) => answer(api.POST('/api/people/{shopper}/join', { params: { path: { shopper } }, body: { with: other } })))

/** Says that two shoppers are not one person. */
export const useKeepApart = () =>
  usePeopleMutation(({ shopper, other }: { shopper: string; other: string }) => answer(api.POST('/api/people/{shopper}/apart', { params: { path: { shopper } }, body: { from: other } })))
