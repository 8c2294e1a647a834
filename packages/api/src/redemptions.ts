import { useMutation, useQuery } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

export type ShownCode = components['schemas']['ShownCode']

/** What a shopper's code stands for. @throws {Problem} */
export const useReadCode = () =>
  useMutation({ mutationFn: (code: string) => answer(api.GET('/api/redemptions/{code}', { params: { path: { code } } })) })

/** Uses a code, once: the same transaction again is the same use. @throws {Problem} */
export const useTakeCode = () =>
  useMutation({ mutationFn: (body: { code: string; shop: string; transaction: string }) => answer(api.POST('/api/redemptions', { body })) })

/** Takes back, within a minute, what was taken by mistake. @throws {Problem} */
export const useTakeCodeBack = () =>
  useMutation({ mutationFn: (code: string) => answer(api.DELETE('/api/redemptions/{code}', { params: { path: { code } } })) })

/** The code by which phones check in to a shop. It holds for ten minutes, and is asked for anew well before. */
export const useCheckInCode = (shop: string | undefined) =>
  useQuery({
    queryKey: ['check-in', shop],
    queryFn: ({ signal }) => answer(api.GET('/api/shops/{shop}/check-in', { params: { path: { shop: shop! } }, signal })),
    enabled: shop !== undefined,
    refetchInterval: 5 * 60_000,
    refetchIntervalInBackground: true,
  })
