import { getOffers, type Consent, type Me, type Offer, type Redeemed } from '../api'

/** How fresh what the phone shows is. */
export type Link = 'connecting' | 'live' | 'offline'

interface Listener {
  me(me: Me): void
  offers(all: Offer[]): void
  offer(offer: Offer): void
  redeemed(redeemed: Redeemed): void
  consent(consent: Consent): void
  link(link: Link): void
  /** The stream, or the list after it, was refused. */
  failed(error: unknown): void
}

/** The shop says something each 5 s. After two that did not come, it is taken for lost. */
const patience = 12_000
const retryAfter = 3_000

/**
 * Follows the shopper's offers until the returned function is called. Nothing
 * is held open while the app is not looked at, to spare the battery; on the
 * way back the whole list is read again.
 */
export function follow(listener: Listener): () => void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout>

  const open = () => {
    close()
    listener.link('connecting')
    source = new EventSource('/api/me/live')
    source.onopen = () => {
      heard()
      getOffers().then(listener.offers, listener.failed)
    }
    source.onerror = () => {
      listener.link('offline')
      if (source?.readyState === EventSource.CLOSED) {
        timer = setTimeout(open, retryAfter)
        getOffers().then(listener.offers, listener.failed)
      }
    }
    on('me', listener.me)
    on('offer', listener.offer)
    on('redeemed', listener.redeemed)
    on('consent', listener.consent)
    on('heartbeat', () => {})
  }
  const on = <T>(name: string, handle: (value: T) => void) =>
    source?.addEventListener(name, (event) => {
      heard()
      handle(JSON.parse(event.data))
    })
  const heard = () => {
    listener.link('live')
    clearTimeout(timer)
    timer = setTimeout(open, patience)
  }
  const close = () => {
    clearTimeout(timer)
    source?.close()
  }
  const looked = () => (document.visibilityState === 'visible' ? open() : close())

  document.addEventListener('visibilitychange', looked)
  looked()
  return () => {
    document.removeEventListener('visibilitychange', looked)
    close()
  }
}
