import { useMay, useProposeFeed } from '@aisle/api'
import { Empty, Failure } from '@aisle/ui'
import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Page } from '../Page'
import { FeedEditor } from './FeedEditor'
import { SampleInput, type Sample } from './SampleInput'

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
      <Page title="Read a file or log">
        <div className="card">
          <Empty title="Not for your role">Marketers and admins say how files are read.</Empty>
        </div>
      </Page>
    )
  }
  return (
    <Page
      title="Read a file or log"
      note="Give its beginning. What it is, and what its fields are, is proposed; you name them and say what they mean."
      actions={
        propose.data && (
          <Button variant="default" onClick={again}>
            Another sample
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
