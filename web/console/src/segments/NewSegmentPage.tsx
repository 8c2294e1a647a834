import { useCreateSegment, type SegmentDraft } from '@aisle/api'
import { useNavigate } from '@tanstack/react-router'
import { ForWriters, Page } from '../Page'
import { done } from '../say'
import { SegmentForm } from './SegmentForm'
import { t } from './words'

const empty: SegmentDraft = { name: '', rule: '', tree: { combinator: 'and', rules: [{ field: 'tier', operator: '=', value: 'gold' }] } }

export default function NewSegmentPage() {
  const create = useCreateSegment()
  const navigate = useNavigate()
  return (
    <Page title={t.add.title} note={t.add.note}>
      <ForWriters>
        <SegmentForm
          segment={empty}
          isNew
          saveLabel={t.add.save}
          error={create.error}
          onSave={async (says) => {
            const { id } = await create.mutateAsync(says)
            done(t.add.saved(says.name))
            await navigate({ to: '/segments/$segment', params: { segment: id } })
          }}
        />
      </ForWriters>
    </Page>
  )
}
