import type { Source } from '@aisle/api'
import { CopyButton, Button } from '@mantine/core'
import { Check, Copy } from 'lucide-react'
import { snippet } from './snippet'
import { t } from './words'

/** How a source sends its first event: something to paste. */
export function HowToSend({ source }: { source: Source }) {
  const text = snippet(source, location.origin)
  return (
    <div className="stack" style={{ gap: 8 }}>
      <div className="between">
        <p className="dim small">
          {source.kind === 'till' ? t.send.till : t.send.any(source.name)}
        </p>
        <CopyButton value={text} timeout={1_500}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" leftSection={copied ? <Check size={12} /> : <Copy size={12} />} onClick={copy}>
              {copied ? t.send.copied : t.send.copy}
            </Button>
          )}
        </CopyButton>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="json" data-wrap tabIndex={0} dir="ltr" aria-label={t.send.label}>
        {text}
      </pre>
    </div>
  )
}
