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

/** Documents of a kind as they are kept: all under `[kind]`, in a list that is called so too, and each under `[kind, id]`. */
export const shelf = <One>(client: QueryClient, kind: string, idOf: (one: One) => string) => {
  const rewrite = (change: (all: One[]) => One[]) => client.setQueryData<Record<string, One[]>>([kind], (body) => body && { ...body, [kind]: change(body[kind] ?? []) })
  return {
    change: (id: string, after: (one: One) => One) => {
      rewrite((all) => all.map((one) => (idOf(one) === id ? after(one) : one)))
      client.setQueryData<One>([kind, id], (one) => one && after(one))
    },
    drop: (id: string) => rewrite((all) => all.filter((one) => idOf(one) !== id)),
  }
}

/** A mutation that removes one: the list is without it at once, and then its page is nowhere any more. */
export const removeAtOnce = <Out>(client: QueryClient, kind: string, drop: (id: string) => void, call: (id: string) => Promise<Out>, changed: () => Promise<void>) => ({
  ...atOnce(client, [kind], call, drop),
  onSuccess: (_gone: Out, id: string) => {
    client.removeQueries({ queryKey: [kind, id] })
    return changed()
  },
})
