import { Problem, useHouse, useMay, useSaveHouse, type House } from '@aisle/api'
import { ago, Empty, percent, said, useNow } from '@aisle/ui'
import { Button, NumberInput } from '@mantine/core'
import { useState } from 'react'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { done } from '../say'
import { Experiments } from './Experiments'
import { t } from './words'

/** Who is held out, and what that tells of what offers earn. */
export default function ExperimentsPage() {
  return (
    <Page title={t.title} note={t.note}>
      <div className="stack" style={{ gap: 16 }}>
        <Loaded of={useHouse()} height={120}>
          {(house) => <HouseHoldout key={house.version} house={house} />}
        </Loaded>
        <Experiments
          linked
          none={
            <div className="card">
              <Empty title={t.none} action={<LinkButton to="/campaigns">{t.campaigns}</LinkButton>}>
                {t.noneMore}
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
  const [share, setShare] = useState<number | string>(house.holdout * 100 || '')
  const changed = Math.abs(Number(share) / 100 - house.holdout) > 1e-9
  return (
    <section className="card block" aria-label={t.holdout.label}>
      <h2>{t.holdout.title}</h2>
      <div className="holdout">
        <NumberInput label={t.holdout.share} placeholder={t.holdout.nobody} suffix=" %" min={0} max={50} decimalScale={2} w={150} value={share} onChange={setShare} disabled={!may} />
        {may && (
          <Button
            disabled={!changed}
            loading={save.isPending}
            onClick={() =>
              // heard of also where the new version is drawn before
              void save
                .mutateAsync({ ...house, holdout: Number(share) / 100 })
                .then(({ holdout }) => done(holdout > 0 ? t.holdout.kept(percent(holdout)) : t.holdout.keptNobody), () => {})
            }
          >
            {t.holdout.keep}
          </Button>
        )}
        <p className="dim">
          {t.holdout.note}
          {house.updated && ` ${t.holdout.changed(ago(house.updated, now))}`}
          {!may && ` ${t.holdout.adminOnly}`}
        </p>
      </div>
      {save.error && (
        <p className="error" role="alert">
          {save.error instanceof Problem && save.error.status === 409 ? t.holdout.conflict : said(save.error)}
        </p>
      )}
    </section>
  )
}
