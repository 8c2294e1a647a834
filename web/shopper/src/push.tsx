import { useEffect, useState } from 'preact/hooks'
import { send, words } from './api'

/** What the switch says, by the language of the page. */
const says = {
  en: {
    name: 'Notify me on this phone',
    meaning: 'Also while this app is closed. The shop seals each notification for this phone alone.',
    blocked: 'This phone does not let the app notify you. Its settings for this page can change that.',
    missing: 'This browser cannot notify you. Where it can, add this page to your home screen first.',
    failed: 'This phone could not be set up for notifications. Check your connection, then try again.',
  },
  nl: {
    name: 'Meldingen op deze telefoon',
    meaning: 'Ook als deze app dicht is. De winkel verzegelt elke melding voor deze telefoon alleen.',
    blocked: 'Deze telefoon laat de app geen meldingen tonen. Bij de instellingen van deze pagina kun je dat veranderen.',
    missing: 'Deze browser kan geen meldingen tonen. Waar het wel kan: zet deze pagina eerst op je beginscherm.',
    failed: 'Meldingen konden op deze telefoon niet worden aangezet. Controleer je verbinding en probeer het opnieuw.',
  },
  ar: {
    name: 'أرسل إشعارات إلى هذا الهاتف',
    meaning: 'حتى عندما يكون هذا التطبيق مغلقًا. يختم المتجر كل إشعار لهذا الهاتف وحده.',
    blocked: 'لا يسمح هذا الهاتف للتطبيق بإشعارك. يمكن تغيير ذلك في إعدادات هذه الصفحة.',
    missing: 'لا يستطيع هذا المتصفح إشعارك. حيث يستطيع ذلك، أضف هذه الصفحة أولًا إلى شاشتك الرئيسية.',
    failed: 'تعذّر إعداد الإشعارات على هذا الهاتف. تحقّق من الاتصال ثم حاول مرة أخرى.',
  },
}

type State = 'missing' | 'off' | 'on' | 'busy'

/** Whether this browser notifies, with a switch. It is shown beside the consent to notifications, once that is given. */
export function PushSwitch({ granted }: { granted: boolean }) {
  const [state, setState] = useState<State>('busy')
  const [error, setError] = useState('')
  const say = says[document.documentElement.lang.slice(0, 2) as keyof typeof says] ?? says.en

  useEffect(() => {
    subscribed().then(
      (browser) => {
        setState(browser ? 'on' : 'off')
        if (browser && granted) void keep(browser).catch(() => {}) // the shopper's now, whoever used the phone before
        if (browser && !granted) void leave(browser).then(() => setState('off'), () => {})
      },
      () => setState('missing'),
    )
  }, [granted])

  if (!granted) return null
  if (state === 'missing') return <p class="dim small">{say.missing}</p>

  const change = async () => {
    const was = state
    setError('')
    setState('busy')
    try {
      const browser = await subscribed()
      if (browser) {
        await leave(browser)
        setState('off')
        return
      }
      if ((await Notification.requestPermission()) !== 'granted') {
        setError(say.blocked)
        setState('off')
        return
      }
      await join()
      setState('on')
    } catch (problem) {
      setError(problem instanceof DOMException ? say.failed : words(problem))
      setState(was)
    }
  }
  return (
    <>
      <button
        type="button"
        class="switch"
        role="switch"
        aria-checked={state === 'on'}
        aria-busy={state === 'busy'}
        disabled={state === 'busy'}
        aria-describedby="about-notifications"
        onClick={() => void change()}
      >
        {say.name}
      </button>
      <p id="about-notifications" class="dim small">
        {say.meaning}
      </p>
      {error && (
        <p class="note" data-tone="neg" role="alert">
          {error}
        </p>
      )}
    </>
  )
}

/** How long a service worker may take to start. Without one, in development, it never does. */
const patience = 5_000

const manager = async () => {
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) throw new Error('no push')
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no service worker')), patience))
  return (await Promise.race([navigator.serviceWorker.ready, late])).pushManager
}

/** This browser's subscription, if it has one. */
const subscribed = async () => (await manager()).getSubscription()

const keep = (browser: PushSubscription) => send<void>('POST', '/api/me/push', browser.toJSON())

async function join() {
  const { key } = await send<{ key: string }>('GET', '/api/me/push')
  const browser = await (await manager()).subscribe({ userVisibleOnly: true, applicationServerKey: key })
  try {
    await keep(browser)
  } catch (problem) {
    await browser.unsubscribe() // nobody would ever write to it
    throw problem
  }
}

/** The shop forgets it first: a push service that is told alone would leave it to find out. */
async function leave(browser: PushSubscription) {
  await send<void>('DELETE', '/api/me/push', { endpoint: browser.endpoint })
  await browser.unsubscribe()
}

/** Nobody is notified in this browser any more. The shop forgets it too, if it can be told whose it was; else the push service tells it. */
export async function endPush() {
  const worker = await navigator.serviceWorker.getRegistration()
  const browser = await worker?.pushManager?.getSubscription()
  if (browser) {
    await send<void>('DELETE', '/api/me/push', { endpoint: browser.endpoint }).catch(() => {})
    await browser.unsubscribe()
  }
  for (const shown of (await worker?.getNotifications()) ?? []) shown.close()
}
