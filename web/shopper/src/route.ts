/** Where in the app one is. It is the part of the address after the #. */
export type Route =
  | { page: 'offer'; decision: string; why: boolean }
  | { page: 'here'; code: string }
  | { page: 'join'; step: number }
  | { page: (typeof plain)[number] }

const plain = ['offers', 'inbox', 'recognition', 'you', 'phone', 'delete', 'sign-in'] as const

export function routeOf(hash: string): Route {
  const [page, rest, more] = hash.replace(/^#\/?/, '').split('/')
  if (rest && (page === 'offers' || page === 'here')) {
    try {
      const name = decodeURIComponent(rest)
      return page === 'here' ? { page, code: name } : { page: 'offer', decision: name, why: more === 'why' }
    } catch {
      return { page: 'offers' } // a link cut short
    }
  }
  if (page === 'here') return { page, code: '' }
  if (page === 'join') return { page, step: /^\d$/.test(rest ?? '') ? Number(rest) : 0 }
  return { page: plain.find((one) => one === page) ?? 'offers' }
}

/**
 * The token of a personal link, and the address without it: it must not stay
 * where somebody looking on, or the browser's history, would find it.
 */
export function takeToken(url: URL): { token: string; rest: string } | undefined {
  const fragment = new URLSearchParams(url.hash.startsWith('#t=') ? url.hash.slice(1) : '')
  const token = url.searchParams.get('t') ?? fragment.get('t')
  if (!token) return undefined
  const rest = new URL(url)
  rest.searchParams.delete('t')
  if (fragment.has('t')) rest.hash = ''
  return { token, rest: rest.pathname + rest.search + rest.hash }
}
