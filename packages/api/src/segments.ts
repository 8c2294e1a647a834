import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { atOnce, removeAtOnce, shelf } from './atOnce'
import { answer, api } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Segment = Schemas['Segment']
export type SegmentDraft = Schemas['SegmentDraft']
export type SegmentWithUses = Schemas['SegmentWithUses']
export type SegmentVersion = Schemas['SegmentVersion']
export type Audience = Schemas['Audience']
export type Estimate = Schemas['Estimate']

const segmentsKey = ['segments']

export const useSegments = () =>
  useQuery({
    queryKey: segmentsKey,
    queryFn: ({ signal }) => answer(api.GET('/api/segments', { signal })),
    select: (body) => body.segments,
  })

export const useSegment = (segment: string) =>
  useQuery({
    queryKey: [...segmentsKey, segment],
    queryFn: ({ signal }) => answer(api.GET('/api/segments/{segment}', { params: { path: { segment } }, signal })),
  })

export const useSegmentHistory = (segment: string) =>
  useQuery({
    queryKey: [...segmentsKey, segment, 'history'],
    queryFn: ({ signal }) => answer(api.GET('/api/segments/{segment}/history', { params: { path: { segment } }, signal })),
    select: (body) => body.versions,
  })

/** Whose rule it is that is counted, and by which channels they may be reached. */
export interface AudienceAsk {
  expression?: string
  tree?: object | undefined
  segments?: string[]
  channels?: Schemas['Channel'][]
}

/** How many shoppers a rule lets in, counted again each 15 seconds. A question that another one follows is taken back. */
export const useAudience = (ask: AudienceAsk) =>
  useQuery({
    queryKey: ['audience', ask],
    queryFn: ({ signal }) => answer(api.POST('/api/rules/count', { body: ask, signal })),
    placeholderData: (previous) => previous,
    refetchInterval: 15_000,
  })

/** A segment's campaigns change with it. */
function useChanged() {
  const client = useQueryClient()
  return async () => {
    await Promise.all([client.invalidateQueries({ queryKey: segmentsKey }), client.invalidateQueries({ queryKey: ['campaigns'] })])
  }
}

export function useCreateSegment() {
  const onSuccess = useChanged()
  return useMutation({ mutationFn: (body: SegmentDraft) => answer(api.POST('/api/segments', { body })), onSuccess })
}

const segmentShelf = (client: QueryClient) => shelf<SegmentWithUses>(client, 'segments', ({ segment }) => segment.id)

/** Changes a segment; 409 if somebody else did since it was read. The list and the page show it at once. */
export function useSaveSegment() {
  const client = useQueryClient()
  const onSuccess = useChanged()
  const call = (body: Segment) => answer(api.PUT('/api/segments/{segment}', { params: { path: { segment: body.id } }, body }))
  return useMutation({
    onSuccess,
    ...atOnce(client, segmentsKey, call, (segment) => segmentShelf(client).change(segment.id, (one) => ({ ...one, segment }))),
  })
}

export function useDeleteSegment() {
  const client = useQueryClient()
  const changed = useChanged()
  return useMutation(removeAtOnce(client, 'segments', segmentShelf(client).drop, (segment) => answer(api.DELETE('/api/segments/{segment}', { params: { path: { segment } } })), changed))
}
