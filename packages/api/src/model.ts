import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Model = Schemas['Model']
export type ModelCohort = Schemas['ModelCohort']
export type ModelTurn = Schemas['ModelTurn']
export type ModelVersion = Schemas['ModelVersion']
export type ListsTraining = Schemas['TrainingOfLists']
export type OwnModel = Schemas['OwnModel']

const modelKey = ['model']

/** What is learned and how well, asked for again each five seconds. */
export const useModel = () => useQuery({ queryKey: modelKey, queryFn: ({ signal }) => answer(api.GET('/api/model', { signal })), refetchInterval: 5_000 })

/** Has a kept version in use; without one, what learns. */
export function useTurnModel() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: { pin?: number; reason: string }) => answer(api.POST('/api/model/turn', { body })),
    onSettled: () => client.invalidateQueries({ queryKey: modelKey }),
  })
}
