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

/** Roles, least first: each may do what those before it may. */
export const roleOrder: readonly Role[] = ['viewer', 'staff', 'marketer', 'approver', 'admin']

/** Whether the person who is signed in may do what one of these roles may. */
export function useMay(...roles: Role[]): boolean {
  const { data } = useSession()
  const mine = data?.person ? roleOrder.indexOf(data.person.role) : -1
  return roles.some((role) => roleOrder.indexOf(role) <= mine)
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

export function useChangePerson() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, ...body }: Schemas['ChangedPerson'] & { id: string }) => answer(api.PUT('/api/team/{person}', { params: { path: { person: id } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: teamKey }),
  })
}

/** Makes a link by which somebody sets their password, once. */
export function usePasswordLink() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (person: string) => answer(api.POST('/api/team/{person}/link', { params: { path: { person } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: teamKey }),
  })
}

/** Sets a password by such a link, and signs in. */
export function useRedeemTicket() {
  const onSuccess = useBegin()
  return useMutation({ mutationFn: (body: { ticket: string; password: string }) => answer(api.POST('/api/session/ticket', { body })), onSuccess })
}

export type MySession = Schemas['MySession']
const sessionsKey = ['sessions']

/** Where I am signed in, latest used first. */
export const useSessions = () =>
  useQuery({ queryKey: sessionsKey, queryFn: ({ signal }) => answer(api.GET('/api/sessions', { signal })), select: (body) => body.sessions })

/** Signs me out there, or with nothing everywhere but here. */
export function useEndSession() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string | undefined) => (id ? answer(api.DELETE('/api/sessions/{id}', { params: { path: { id } } })) : answer(api.DELETE('/api/sessions'))),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionsKey }),
  })
}

export function useChangePassword() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: { current: string; password: string }) => answer(api.PUT('/api/session/password', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionsKey }),
  })
}

export type APIKey = Schemas['APIKey']
export type Scope = Schemas['Scope']
const keysKey = ['keys']

/** Keys that programs come in with, newest first. */
export const useAPIKeys = () =>
  useQuery({ queryKey: keysKey, queryFn: ({ signal }) => answer(api.GET('/api/keys', { signal })), select: (body) => body.keys })

export function useAddAPIKey() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: Schemas['NewAPIKey']) => answer(api.POST('/api/keys', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: keysKey }),
  })
}

export function useRevokeAPIKey() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => answer(api.DELETE('/api/keys/{id}', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keysKey }),
  })
}
