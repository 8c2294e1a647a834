import { Problem, useHouse, useMay, useSaveHouse, words, type House } from '@aisle/api'
import { ago, Empty, percent, useNow } from '@aisle/ui'
import { Button, NumberInput } from '@mantine/core'
import { useState } from 'react'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { done } from '../say'
import { Experiments } from './Experiments'

/** Who is held out, and what that tells of what offers earn. */
export default function ExperimentsPage() {
  return (
    <Page title="Experiments" note="Shoppers who get no offer on purpose, and shoppers who keep to one offer each: what the others do more is what offers earn.">
      <div className="stack" style={{ gap: 16 }}>
        <Loaded of={useHouse()} height={120}>
          {(house) => <HouseHoldout key={house.version} house={house} />}
        </Loaded>
        <Experiments
          linked
          none={
            <div className="card">
              <Empty title="No experiment runs" action={<LinkButton to="/campaigns">Go to the campaigns</LinkButton>}>
                Hold some shoppers out of everything, above, or out of one campaign, or let some keep to one of its offers each: both are among a campaign’s limits.
              </Empty>
            </div>
          }
        />
      </div>
    </Page>
  )
}

function HouseHoldout({ house }: { house: House }) {
  const save = useSaveHouse()
  const may = useMay('admin')
  const now = useNow(30_000)
  const [share, setShare] = useState<number | string>(house.holdout * 100)
  const changed = typeof share === 'number' && Math.abs(share / 100 - house.holdout) > 1e-9
  return (
    <section className="card block" aria-label="The house’s holdout">
      <h2>Held out of everything</h2>
      <div className="holdout">
        <NumberInput label="Share of shoppers" suffix=" %" min={0} max={50} decimalScale={2} w={150} value={share} onChange={setShare} disabled={!may} />
        {may && (
          <Button
            disabled={!changed}
            loading={save.isPending}
            onClick={() =>
              save.mutate({ ...house, holdout: Number(share) / 100 }, { onSuccess: ({ holdout }) => done(holdout > 0 ? `${percent(holdout)} of shoppers get no offer from now on.` : 'Nobody is held out of everything any more.') })
            }
          >
            Keep
          </Button>
        )}
        <p className="dim">
          They get no offer of any campaign, and never know: who they are is drawn of their id, and stays. 5 % is usual. A change begins the comparison anew.
          {house.updated && ` Changed ${ago(house.updated, now)}.`}
          {!may && ' Only an administrator may change it.'}
        </p>
      </div>
      {save.error && (
        <p className="error" role="alert">
          {save.error instanceof Problem && save.error.status === 409 ? 'Somebody else changed it meanwhile: this is what it is now.' : words(save.error)}
        </p>
      )}
    </section>
  )
}
