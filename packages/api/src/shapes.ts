import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type DriftNotice = Schemas['DriftNotice']
export type DriftState = Schemas['DriftState']
export type Mapping = Schemas['Mapping']
export type MappingStep = Schemas['MappingStep']
export type MappingTried = Schemas['MappingTried']
export type MappingWhole = Schemas['MappingWhole']
export type Shape = Schemas['Shape']
export type ShapeField = Schemas['ShapeField']
export type ShapeSummary = Schemas['ShapeSummary']

const shapesKey = ['shapes']
const driftKey = ['drift']
const mappingKey = ['mapping']

/** What each source sends, by source and event. */
export const useShapes = () =>
  useQuery({
    queryKey: shapesKey,
    queryFn: ({ signal }) => answer(api.GET('/api/shapes', { signal })),
    select: (body) => body.shapes,
    refetchInterval: 10_000,
  })

export const useShape = (source: string, event: string) =>
  useQuery({
    queryKey: [...shapesKey, source, event],
    queryFn: ({ signal }) => answer(api.GET('/api/shape', { params: { query: { source, event } }, signal })),
    enabled: event !== '',
    refetchInterval: 10_000,
  })

/** Where what a source sends is no longer what it was; `open` counts those of all sources that nobody judged. */
export const useDrift = (filter: { source?: string; state?: DriftState } = {}) =>
  useQuery({
    queryKey: [...driftKey, filter],
    queryFn: ({ signal }) => answer(api.GET('/api/drift', { params: { query: { ...filter, limit: 500 } }, signal })),
    refetchInterval: 15_000,
  })

/** Says that a change is right from now on, or that it is a mistake of the source. */
export function useJudgeDrift() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ notice, right }: { notice: string; right: boolean }) => {
      const params = { params: { path: { notice } } }
      return answer(right ? api.POST('/api/drift/{notice}/accept', params) : api.POST('/api/drift/{notice}/wrong', params))
    },
    onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: driftKey }), client.invalidateQueries({ queryKey: shapesKey })]),
  })
}

/** The steps for a source, with earlier versions; a source without any has version 0. */
export const useMapping = (source: string) =>
  useQuery({
    queryKey: [...mappingKey, source],
    queryFn: ({ signal }) => answer(api.GET('/api/mapping', { params: { query: { source } }, signal })),
    enabled: source !== '',
  })

/** What steps would do to the latest events of a source; asked while `steps` are whole. */
export const useTriedMapping = (source: string, steps: MappingStep[] | undefined) =>
  useQuery({
    queryKey: [...mappingKey, source, 'try', steps],
    queryFn: ({ signal }) => answer(api.POST('/api/mapping/try', { params: { query: { source } }, body: { steps: steps! }, signal })),
    enabled: steps !== undefined,
    placeholderData: (previous) => previous,
    staleTime: 10_000,
  })

/** Writes the steps; 409 if somebody else did since they were read. */
export function useSaveMapping(source: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: Schemas['NewMapping']) => answer(api.PUT('/api/mapping', { params: { query: { source } }, body })),
    onSuccess: (whole) => {
      client.setQueryData([...mappingKey, source], whole)
      return Promise.all([client.invalidateQueries({ queryKey: shapesKey }), client.invalidateQueries({ queryKey: ['quarantine', 'record'] })])
    },
  })
}
