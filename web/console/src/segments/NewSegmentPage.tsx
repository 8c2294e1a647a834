import { useCreateSegment, type SegmentDraft } from '@aisle/api'
import { useNavigate } from '@tanstack/react-router'
import { Page } from '../Page'
import { done, failed } from '../say'
import { SegmentForm } from './SegmentForm'
import { t } from './words'

const empty: SegmentDraft = { name: '', rule: '', tree: { combinator: 'and', rules: [{ field: 'tier', operator: '=', value: 'gold' }] } }

export default function NewSegmentPage() {
  const create = useCreateSegment()
  const navigate = useNavigate()
  return (
    <Page title={t.add.title} note={t.add.note}>
      <SegmentForm
        segment={empty}
        isNew
        saveLabel={t.add.save}
        onSave={async (says) => {
          const { id } = await create.mutateAsync(says).catch((error: unknown) => {
            failed(error)
            throw error
          })
          done(t.add.saved(says.name))
          await navigate({ to: '/segments/$segment', params: { segment: id } })
        }}
      />
    </Page>
  )
}
