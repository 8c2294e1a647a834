import { Back } from '../page'
import type { Shopper } from '../shopper'
import { m } from '../words'
import { NumberForm } from './NumberForm'

/** To sign in on another phone, by a code that is sent to the number that one confirmed. */
export function SignInPage({ shopper }: { shopper: Shopper }) {
  return (
    <section>
      <Back to="#/" />
      <NumberForm
        title={m.signInTitle}
        how={m.signInHow}
        go={m.open}
        done={(me) => {
          shopper.joined(me)
          location.hash = '#/offers'
        }}
      >
        <p class="dim small">{m.signInLink}</p>
      </NumberForm>
    </section>
  )
}
