import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Session = Schemas['Session']
export type Person = Schemas['Person']
export type Role = Schemas['Role']

export const sessionKey = ['session']

export const useSession = () =>
  useQuery({ queryKey: sessionKey, queryFn: ({ signal }) => answer(api.GET('/api/session', { signal })), staleTime: 60_000 })

/** Whether the person who is signed in may do what one of these roles may. */
export function useMay(...roles: Role[]): boolean {
  const { data } = useSession()
  return data?.person !== undefined && roles.includes(data.person.role)
}

/** A new session; everything that was known belongs to the old one. */
function useBegin() {
  const client = useQueryClient()
  return (session: Session) => {
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] })
    client.setQueryData(sessionKey, session)
  }
}

export function useSignIn() {
  const onSuccess = useBegin()
  return useMutation({ mutationFn: (body: Schemas['SignIn']) => answer(api.POST('/api/session', { body })), onSuccess })
}

export function useSetup() {
  const onSuccess = useBegin()
  return useMutation({ mutationFn: (body: Schemas['Setup']) => answer(api.POST('/api/setup', { body })), onSuccess })
}

export function useSignOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => answer(api.DELETE('/api/session')),
    onSuccess: () => client.resetQueries(),
  })
}

const teamKey = ['team']

export const useTeam = () =>
  useQuery({ queryKey: teamKey, queryFn: ({ signal }) => answer(api.GET('/api/team', { signal })), select: (body) => body.people })

export function useAddPerson() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: Schemas['NewPerson']) => answer(api.POST('/api/team', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: teamKey }),
  })
}

export function useRemovePerson() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (person: string) => answer(api.DELETE('/api/team/{person}', { params: { path: { person } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: teamKey }),
  })
}
