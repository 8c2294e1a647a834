import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Recognition = Schemas['Recognition']
export type EnrolledPerson = Schemas['EnrolledPerson']
export type Calibration = Schemas['Calibration']
export type Rates = Schemas['Rates']
export type Seen = Schemas['Seen']

const recognitionKey = ['recognition']

/** Who is enrolled, and how well cameras tell them apart, asked for again each ten seconds. */
export const useRecognition = () =>
  useQuery({
    queryKey: recognitionKey,
    queryFn: ({ signal }) => answer(api.GET('/api/recognition', { signal })),
    refetchInterval: 10_000,
  })

/** The camera took somebody else for a shopper. */
export function useNotThisPerson() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (path: { shopper: string; id: string }) => answer(api.POST('/api/recognition/{shopper}/seen/{id}/wrong', { params: { path } })),
    onSettled: () => client.invalidateQueries({ queryKey: recognitionKey }),
  })
}

/** What a shopper signed, as evidence: signed statements of the house, newest first. */
export const faceConsents = (shopper: string) => answer(api.GET('/api/recognition/{shopper}/consents', { params: { path: { shopper } } }))
