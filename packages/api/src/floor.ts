import { useMutation, useQuery } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type PersonCard = Schemas['PersonCard']
export type ShopNow = Schemas['ShopNow']

/** What a colleague may know of somebody who is in the shop now. */
export const usePersonCard = (shop: string, shopper: string) =>
  useQuery({
    queryKey: ['live', shop, 'person', shopper],
    queryFn: ({ signal }) => answer(api.GET('/api/live/person', { params: { query: { shop, shopper } }, signal })),
    refetchInterval: 2_000,
  })

/** All shops now, a line each. */
export const useLiveShops = (shown: boolean) =>
  useQuery({
    queryKey: ['live', 'shops'],
    queryFn: ({ signal }) => answer(api.GET('/api/live/shops', { signal })),
    select: (body) => body.shops,
    enabled: shown,
    refetchInterval: 2_000,
  })

/** Says that one has seen to an alert. */
export const useAcknowledge = () =>
  useMutation({ mutationFn: (body: { shop: string; id: string }) => answer(api.POST('/api/live/alerts/acknowledge', { body })) })
