import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { answer, api } from './client'
import { usePast } from './past'
import type { components } from './schema'

type Schemas = components['schemas']
export type DiscountLadder = Schemas['DiscountLadder']
export type Experiment = Schemas['Experiment']
export type ExperimentArm = Schemas['ExperimentArm']
export type ExperimentLift = Schemas['ExperimentLift']
export type ExperimentMeasure = Schemas['ExperimentMeasure']
export type Experiments = Schemas['Experiments']
export type House = Schemas['House']

const houseKey = ['house']

/** What holds whatever the campaign. */
export const useHouse = () => useQuery({ queryKey: houseKey, queryFn: ({ signal }) => answer(api.GET('/api/house', { signal })) })

/** Changes it; 409 if somebody else did since it was read. */
export function useSaveHouse() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: House) => answer(api.PUT('/api/house', { body })),
    // Whether campaigns need a second person is the house's, too.
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: houseKey }), client.invalidateQueries({ queryKey: ['campaigns'] })]),
  })
}

export type Configured = Schemas['Configured']

/** Limits of the configuration, which hold beside those of the house. */
export const useConfigured = () => useQuery({ queryKey: ['configured'], queryFn: ({ signal }) => answer(api.GET('/api/house/configured', { signal })), staleTime: Infinity })

/** What experiments say so far, counted when the page is opened. */
export function useExperiments() {
  const { ask, ...past } = usePast<Experiments>()
  useEffect(() => void ask('/api/experiments'), [ask])
  return { ...past, again: () => ask('/api/experiments') }
}
