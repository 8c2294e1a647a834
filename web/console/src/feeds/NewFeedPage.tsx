import { useMay, useProposeFeed } from '@aisle/api'
import { Empty, Failure } from '@aisle/ui'
import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Page } from '../Page'
import { FeedEditor } from './FeedEditor'
import { SampleInput, type Sample } from './SampleInput'
import { t } from './words'

/** A file that nobody knows: a sample is looked at, a way to read it proposed, and mended. */
export default function NewFeedPage() {
  const may = useMay('admin', 'marketer')
  const propose = useProposeFeed()
  const [sample, setSample] = useState<Sample>()
  const navigate = useNavigate()
  const take = (sample: Sample) => {
    setSample(sample)
    propose.mutate({ sample: new Blob([sample.bytes.slice()]), name: sample.name })
  }
  const again = () => {
    setSample(undefined)
    propose.reset()
  }
  if (!may) {
    return (
      <Page title={t.add}>
        <div className="card">
          <Empty title={t.new.denied}>{t.new.deniedMore}</Empty>
        </div>
      </Page>
    )
  }
  return (
    <Page
      title={t.add}
      note={t.new.note}
      actions={
        propose.data && (
          <Button variant="default" onClick={again}>
            {t.new.again}
          </Button>
        )
      }
    >
      {propose.error ? <Failure error={propose.error} /> : null}
      {propose.data && sample ? (
        <FeedEditor plan={propose.data.plan} proposal={propose.data} sample={sample} may onSaved={(feed) => void navigate({ to: '/feeds/$feed', params: { feed } })} />
      ) : (
        <SampleInput onSample={take} busy={propose.isPending} />
      )}
    </Page>
  )
}
