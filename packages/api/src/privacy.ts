import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type PrivacyRequest = Schemas['PrivacyRequest']
export type Act = Schemas['Act']

const requestsKey = ['privacy', 'requests']

/** What shoppers asked for: open ones first, the next due first. */
export const usePrivacyRequests = () =>
  useQuery({ queryKey: requestsKey, queryFn: ({ signal }) => answer(api.GET('/api/privacy/requests', { signal })), select: (body) => body.requests, refetchInterval: 30_000 })

function useAfter<In, Out>(mutationFn: (input: In) => Promise<Out>) {
  const client = useQueryClient()
  return useMutation({ mutationFn, onSuccess: () => client.invalidateQueries({ queryKey: requestsKey }) })
}

export const useOpenPrivacyRequest = () => useAfter((body: Schemas['NewPrivacyRequest']) => answer(api.POST('/api/privacy/requests', { body })))
export const useAnswerPrivacyRequest = () => useAfter((id: string) => answer(api.POST('/api/privacy/requests/{id}/answer', { params: { path: { id } } })))
export const useRefusePrivacyRequest = () =>
  useAfter(({ id, note }: { id: string; note: string }) => answer(api.POST('/api/privacy/requests/{id}/refuse', { params: { path: { id } }, body: { note } })))

export interface AuditWanted {
  by?: string | undefined
  what?: string | undefined
}

/** Who did what, newest first. */
export const useAudit = (wanted: AuditWanted) =>
  useQuery({
    queryKey: ['audit', wanted],
    queryFn: ({ signal }) => answer(api.GET('/api/audit', { params: { query: { limit: 500, ...(wanted.by && { by: wanted.by }), ...(wanted.what && { what: wanted.what }) } }, signal })),
    select: (body) => (typeof body === 'string' ? [] : body.acts), // text is the file of CSV, which is not asked for here
    placeholderData: (before) => before,
    refetchInterval: 15_000,
  })
