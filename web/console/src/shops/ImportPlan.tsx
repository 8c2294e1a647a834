import { usePreviewPlan, type PlanChange, type PlanPreview, type Shop } from '@aisle/api'
import { Failure, Status, worded, type State } from '@aisle/ui'
import { Button, FileButton, Modal } from '@mantine/core'
import { CircleAlert, Download, Upload } from 'lucide-react'
import { useState } from 'react'
import { t } from './words'

interface ImportPlanProps {
  shop: Shop
  /** The plan is not as it is kept: what is imported is compared with what is kept. */
  dirty: boolean
  onTake: (shop: Shop) => void
}

const states: Record<PlanChange['change'], State> = {
  added: { word: t.file.added, tone: 'good' },
  changed: { word: t.file.changed, tone: 'info' },
  removed: { word: t.file.removed, tone: 'bad' },
}
const shown = 200

/** The whole shop as GeoJSON, out and in; what would change is shown before it does. */
export function ImportPlan({ shop, dirty, onTake }: ImportPlanProps) {
  const preview = usePreviewPlan(shop.id)
  const [name, setName] = useState<string>()
  const open = (file: File | null) => {
    if (!file) return
    setName(file.name)
    preview.mutate(file)
  }
  const close = () => {
    setName(undefined)
    preview.reset()
  }
  return (
    <>
      <FileButton accept=".geojson,.json,application/geo+json,application/json" onChange={open}>
        {(props) => (
          <Button {...props} variant="default" px={10} leftSection={<Upload size={13} />} loading={preview.isPending}>
            {t.file.import}
          </Button>
        )}
      </FileButton>
      <Button component="a" href={`/api/shops/${encodeURIComponent(shop.id)}/plan`} download={`${shop.id}.geojson`} variant="default" px={10} leftSection={<Download size={13} />} title={dirty ? t.file.asKept : undefined}>
        {t.file.export}
      </Button>
      <Modal opened={name !== undefined && !preview.isPending} onClose={close} closeButtonProps={{ 'aria-label': t.close }} title={t.file.title(name ?? '')} size="lg">
        {preview.error && <Failure error={preview.error} />}
        {preview.data && (
          <Changes
            preview={preview.data}
            dirty={dirty}
            onCancel={close}
            onTake={() => {
              onTake(preview.data.shop)
              close()
            }}
          />
        )}
      </Modal>
    </>
  )
}

function Changes({ preview: { changes, problems, notes, survey }, dirty, onTake, onCancel }: { preview: PlanPreview; dirty: boolean; onTake: () => void; onCancel: () => void }) {
  const things = changes.filter(({ what }) => what !== 'survey point')
  const points = changes.filter(({ what }) => what === 'survey point')
  const how = (change: PlanChange['change']) => points.filter((it) => it.change === change).length
  return (
    <div className="stack">
      {changes.length === 0 && <p className="dim">{t.file.nothing}</p>}
      {things.length > 0 && (
        // A long list that scrolls must be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <ul className="plan-changes" aria-label={t.file.changes} tabIndex={0}>
          {things.slice(0, shown).map(({ change, what, id, name, parts }) => (
            <li key={`${change} ${what} ${id}`}>
              <span>
                <Status state={states[change]} />
              </span>
              <span style={{ minWidth: 0 }}>
                <bdi className="strong">{name || id}</bdi> <span className="dim">{t.file.things[what] ?? what}</span>
                {parts && parts.length > 0 && <span className="dim small"> · {t.list(parts.map((part) => t.file.parts[part] ?? part.replace(/_(m|ns|db)$/, '').replaceAll('_', ' ')))}</span>}
              </span>
            </li>
          ))}
          {things.length > shown && <li className="dim">{t.more(things.length - shown)}</li>}
        </ul>
      )}
      {points.length > 0 && (
        <p className="small dim">
          {t.file.survey(how('added'), how('removed'), how('changed'), survey)}
        </p>
      )}
      {notes.map((note) => (
        <p key={note} className="note" dir="auto">
          {worded(note)}
        </p>
      ))}
      {problems.length > 0 && (
        <div className="problem">
          <p>
            <strong>{t.file.cannot}</strong> {t.file.cannotMore}
          </p>
          <ul className="stack small" style={{ gap: 4 }}>
            {problems.slice(0, 8).map(({ field, message }) => (
              <li key={field} className="row" style={{ alignItems: 'start' }}>
                <CircleAlert size={13} color="var(--neg)" aria-hidden style={{ flex: 'none', marginTop: 2 }} />
                <span dir="auto">
                  <span className="mono">{field}</span>: {worded(message)}
                </span>
              </li>
            ))}
            {problems.length > 8 && <li className="dim">{t.more(problems.length - 8)}</li>}
          </ul>
        </div>
      )}
      {dirty && changes.length > 0 && <p className="small dim">{t.file.replaces}</p>}
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button variant="default" onClick={onCancel}>
          {t.cancel}
        </Button>
        <Button disabled={changes.length === 0} onClick={onTake} data-autofocus>
          {t.file.take}
        </Button>
      </div>
    </div>
  )
}
