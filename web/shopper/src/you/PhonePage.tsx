import type { Me } from '../api'
import { NumberForm } from '../join/NumberForm'
import { Back } from '../page'
import type { Shopper } from '../shopper'
import { m } from '../words'

/** To confirm the number that text messages go to, or another. Until then the one before holds. */
export function PhonePage({ me, shopper }: { me: Me; shopper: Shopper }) {
  return (
    <section>
      <Back to="#/you" />
      <NumberForm
        title={me.phone ? m.changeNumber : m.confirmNumber}
        how={m.confirmHow}
        go={m.confirm}
        done={(mine) => {
          shopper.changed(() => mine)
          location.hash = '#/you'
        }}
      />
    </section>
  )
}
