import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { Problem, signedOut } from './client'
import { sessionKey, type Session } from './session'

/** What the server said, kept while the page is open. A 401 anywhere ends the session for the whole page. */
export function queryClient(): QueryClient {
  const ended = (error: unknown) => {
    if (!signedOut(error)) return
    client.setQueryData<Session>(sessionKey, (session) => {
      if (!session) return session
      const { person: _, ...nobody } = session
      return nobody
    })
  }
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: ended }),
    mutationCache: new MutationCache({
      onError: (error, variables) => {
        const signingIn = typeof variables === 'object' && variables !== null && 'password' in variables
        if (!signingIn) ended(error)
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // What the server refused stays refused; what it could not answer may pass.
        retry: (failures, error) => failures < 2 && (!(error instanceof Problem) || error.status === 0 || error.status >= 500),
      },
      mutations: { retry: false },
    },
  })
  return client
}
