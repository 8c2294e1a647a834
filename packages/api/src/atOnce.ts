import { matchQuery, type QueryClient, type QueryKey } from '@tanstack/react-query'

/**
 * A mutation of what is kept under `queryKey`: `show` writes what it changes into what is kept, before the server has
 * answered. What the server refuses is as it was, and asked for anew.
 */
export const atOnce = <In, Out>(client: QueryClient, queryKey: QueryKey, call: (input: In) => Promise<Out>, show: (input: In) => void) => ({
  mutationFn: async (input: In) => {
    // Nor does what is read before the answer know of it.
    const stop = client.getQueryCache().subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'success' && !event.action.manual && matchQuery({ queryKey }, event.query)) show(input)
    })
    return call(input).finally(stop)
  },
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
