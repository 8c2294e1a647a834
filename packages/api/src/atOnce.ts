import type { QueryClient, QueryKey } from '@tanstack/react-query'

/**
 * For a mutation of what is kept under `queryKey`: `show` writes what it changes into what is kept, before the server has
 * answered. What the server refuses is as it was, and asked for anew.
 */
export const atOnce = <In>(client: QueryClient, queryKey: QueryKey, show: (input: In) => void) => ({
  onMutate: async (input: In) => {
    await client.cancelQueries({ queryKey }) // an answer on its way knows nothing of it
    const before = client.getQueriesData({ queryKey })
    show(input)
    return before
  },
  onError: (_error: Error, _input: In, before: ReturnType<QueryClient['getQueriesData']> | undefined) => {
    before?.forEach(([key, data]) => client.setQueryData(key, data))
    void client.invalidateQueries({ queryKey }) // nobody waits for it who is to read why
  },
})
