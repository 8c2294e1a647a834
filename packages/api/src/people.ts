import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
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
