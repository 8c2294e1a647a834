import { useQuery } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

export type Feature = components['schemas']['Feature']
export type PersonFeature = components['schemas']['PersonFeature']

/** What is declared to be known of shoppers. It changes with the house's configuration only. */
export const useFeatures = () =>
  useQuery({
    queryKey: ['features'],
    queryFn: ({ signal }) => answer(api.GET('/api/features', { signal })),
    select: (body) => body.features,
    staleTime: Infinity,
  })

export const usePersonFeatures = (shopper: string) =>
  useQuery({
    queryKey: ['features', shopper],
    queryFn: ({ signal }) => answer(api.GET('/api/people/{shopper}/features', { params: { path: { shopper } }, signal })),
    refetchInterval: 5_000,
  })
