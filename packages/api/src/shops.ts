import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Shop = Schemas['Shop']
export type Floor = Schemas['Floor']
export type Zone = Schemas['Zone']
export type ZoneKind = Schemas['ZoneKind']
export type Receiver = Schemas['Receiver']
export type Camera = Schemas['Camera']
export type Fixture = Schemas['Fixture']
export type Point = Schemas['Point']

const shopsKey = ['shops']

export const useShops = () =>
  useQuery({ queryKey: shopsKey, queryFn: ({ signal }) => answer(api.GET('/api/shops', { signal })), select: (body) => body.shops })

export const useShop = (shop: string) =>
  useQuery({
    queryKey: [...shopsKey, shop],
    queryFn: ({ signal }) => answer(api.GET('/api/shops/{shop}', { params: { path: { shop } }, signal })),
  })

/** Creates a shop, or replaces the one that has its id. */
export function useSaveShop() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: Shop) => answer(api.PUT('/api/shops/{shop}', { params: { path: { shop: body.id } }, body })),
    onSuccess: (shop) => {
      client.setQueryData([...shopsKey, shop.id], shop)
      return client.invalidateQueries({ queryKey: shopsKey, exact: true })
    },
  })
}

export function useDeleteShop() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (shop: string) => answer(api.DELETE('/api/shops/{shop}', { params: { path: { shop } } })),
    onSuccess: (_, shop) => {
      client.removeQueries({ queryKey: [...shopsKey, shop] })
      return client.invalidateQueries({ queryKey: shopsKey })
    },
  })
}
