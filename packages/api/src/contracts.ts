import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api, Problem } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type ContractSummary = Schemas['ContractSummary']
export type ContractVersion = Schemas['ContractVersion']
export type ContractWhole = Schemas['ContractWhole']
export type ContractChecked = Schemas['ContractChecked']
export type ContractProblem = Schemas['ContractProblem']
export type JSONSchema = Schemas['JSONSchema']

const contractsKey = ['contracts']

export const useContracts = () =>
  useQuery({
    queryKey: contractsKey,
    queryFn: ({ signal }) => answer(api.GET('/api/contracts', { signal })),
    select: (body) => body.contracts,
    refetchInterval: 15_000,
  })

/** A contract with its versions, or null where an event has none. */
export const useContract = (event: string) =>
  useQuery({
    queryKey: [...contractsKey, event],
    queryFn: async ({ signal }): Promise<ContractWhole | null> => {
      try {
        return await answer(api.GET('/api/contracts/{event}', { params: { path: { event } }, signal }))
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return null
        throw error
      }
    },
  })

/** A schema that what came so far would fulfil, or null where nothing came. */
export const useContractProposal = (event: string, enabled: boolean) =>
  useQuery({
    queryKey: [...contractsKey, event, 'proposal'],
    queryFn: async ({ signal }): Promise<JSONSchema | null> => {
      try {
        return (await answer(api.GET('/api/contracts/{event}/proposal', { params: { path: { event } }, signal }))).schema
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return null
        throw error
      }
    },
    enabled,
    staleTime: 0,
  })

/** Whether a schema can be used, and what it would have refused. */
export const useContractCheck = (event: string, body: Schemas['ContractCheck'] | undefined) =>
  useQuery({
    queryKey: [...contractsKey, event, 'check', body],
    queryFn: ({ signal }) => answer(api.POST('/api/contracts/{event}/check', { params: { path: { event } }, body: body!, signal })),
    enabled: body !== undefined,
    placeholderData: (previous) => previous,
    staleTime: 10_000,
  })

function useChange<In>(mutationFn: (input: In) => Promise<ContractWhole>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: (whole) => {
      client.setQueryData([...contractsKey, whole.event], whole)
      return Promise.all([
        client.invalidateQueries({ queryKey: contractsKey, exact: true }),
        client.invalidateQueries({ queryKey: ['shapes'] }),
        client.invalidateQueries({ queryKey: ['quarantine', 'record'] }),
      ])
    },
  })
}

/** Keeps a version as a draft; 409 if somebody else wrote one since it was read. */
export const useSaveContract = (event: string) =>
  useChange((body: Schemas['NewContract']) => answer(api.PUT('/api/contracts/{event}', { params: { path: { event } }, body })))

export const usePublishContract = (event: string) =>
  useChange((version: number) => answer(api.POST('/api/contracts/{event}/publish', { params: { path: { event } }, body: { version } })))

export const useRetireContract = (event: string) =>
  useChange(() => answer(api.POST('/api/contracts/{event}/retire', { params: { path: { event } } })))
