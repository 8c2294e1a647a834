import { useCreateSegment, type SegmentDraft } from '@aisle/api'
import { useNavigate } from '@tanstack/react-router'
import { Page } from '../Page'
import { done, failed } from '../say'
import { SegmentForm } from './SegmentForm'

const empty: SegmentDraft = { name: '', rule: '', tree: { combinator: 'and', rules: [{ field: 'tier', operator: '=', value: 'gold' }] } }

export default function NewSegmentPage() {
  const create = useCreateSegment()
  const navigate = useNavigate()
  return (
    <Page title="New segment" note="Who should this segment include?">
      <SegmentForm
        segment={empty}
        isNew
        saveLabel="Keep the segment"
        onSave={async (says) => {
          const { id } = await create.mutateAsync(says).catch((error: unknown) => {
            failed(error)
            throw error
          })
          done(`“${says.name}” is kept. Campaigns can be for it now.`)
          await navigate({ to: '/segments/$segment', params: { segment: id } })
        }}
      />
    </Page>
  )
}
