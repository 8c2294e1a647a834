import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'
import { useMay } from './session'

type Schemas = components['schemas']
export type System = Schemas['System']
export type SandboxMessage = Schemas['SandboxMessage']
export type Source = Schemas['Source']
export type SourceKind = Schemas['SourceKind']

export const useSystem = () =>
  useQuery({ queryKey: ['system'], queryFn: ({ signal }) => answer(api.GET('/api/system', { signal })), refetchInterval: 5_000 })

const sourcesKey = ['sources']

/** The write keys, which only some may see. */
export const useSources = () =>
  useQuery({ enabled: useMay('marketer'), queryKey: sourcesKey, queryFn: ({ signal }) => answer(api.GET('/api/sources', { signal })), select: (body) => body.sources })

export function useAddSource() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: Schemas['NewSource']) => answer(api.POST('/api/sources', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: sourcesKey }),
  })
}

export function useRemoveSource() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (key: string) => answer(api.DELETE('/api/sources/{key}', { params: { path: { key } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: sourcesKey }),
  })
}

/** Messages that the sandbox kept instead of sending, newest first. */
export const useSandboxMessages = () =>
  useQuery({
    queryKey: ['sandbox'],
    queryFn: ({ signal }) => answer(api.GET('/api/sandbox/messages', { signal })),
    select: (body) => body.messages,
    refetchInterval: 2_000,
  })
