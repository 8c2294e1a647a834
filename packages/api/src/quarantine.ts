import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Quarantine = Schemas['Quarantine']
export type Quarantined = Schemas['Quarantined']
export type QuarantinedWhole = Schemas['QuarantinedWhole']
export type QuarantineCounts = Schemas['QuarantineCounts']
export type QuarantineFilter = Schemas['QuarantineFilter']
export type QuarantineGroup = Schemas['QuarantineSamples']['groups'][number]
export type QuarantineReason = Schemas['QuarantineReason']
export type QuarantineState = Schemas['QuarantineState']
export type NewTry = Schemas['NewTry']
export type Tried = Schemas['Tried']

const quarantineKey = ['quarantine']

/** Page by page, newest first; asked again each five seconds. */
export const useQuarantine = (filter: QuarantineFilter) =>
  useInfiniteQuery({
    queryKey: [...quarantineKey, 'list', filter],
    queryFn: ({ signal, pageParam }) =>
      answer(api.GET('/api/quarantine', { params: { query: { ...filter, limit: 50, ...(pageParam !== '' && { after: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    placeholderData: (previous) => previous,
    refetchInterval: 5_000,
  })

export const useQuarantineCounts = (hours: number) =>
  useQuery({
    queryKey: [...quarantineKey, 'counts', hours],
    queryFn: ({ signal }) => answer(api.GET('/api/quarantine/counts', { params: { query: { hours } }, signal })),
    placeholderData: (previous) => previous,
    refetchInterval: 10_000,
  })

/** What is alike is one group, the most frequent first. */
export const useQuarantineGroups = (filter: QuarantineFilter, enabled: boolean) =>
  useQuery({
    queryKey: [...quarantineKey, 'groups', filter],
    queryFn: ({ signal }) => answer(api.GET('/api/quarantine/samples', { params: { query: filter }, signal })),
    select: (body) => body.groups,
    placeholderData: (previous) => previous,
    refetchInterval: 10_000,
    enabled,
  })

/** One record, whole; asked again while the door has not answered. */
export const useQuarantined = (id: string) =>
  useQuery({
    queryKey: [...quarantineKey, 'record', id],
    queryFn: ({ signal }) => answer(api.GET('/api/quarantine/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.record.state === 'replaying' ? 1_000 : 15_000),
  })

/** What would come of a record with these rules; without any, with those that hold. Nothing is kept. */
export const useTried = (id: string, rules: NewTry, enabled: boolean) =>
  useQuery({
    queryKey: [...quarantineKey, 'record', id, 'try', rules],
    queryFn: ({ signal }) => answer(api.POST('/api/quarantine/{id}/try', { params: { path: { id } }, body: rules, signal })),
    placeholderData: (previous) => previous,
    enabled,
    staleTime: 0,
  })

export function useSendAgain() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: Schemas['NewReplay']) => answer(api.POST('/api/quarantine/replay', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: quarantineKey }),
  })
}
