import type { CampaignDraft } from '@aisle/api'
import { Button, Drawer } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { Skeleton } from '@aisle/ui'
import { t } from './words'

const Preflight = lazy(() => import('./Preflight'))

interface PreflightButtonProps {
  /** The campaign as the form has it now; nothing if it cannot be tried as it is. */
  campaign: () => CampaignDraft | undefined
  currency: string
}

/** Tries what the form says, kept or not, on what happened lately. */
export function PreflightButton({ campaign, currency }: PreflightButtonProps) {
  const [tried, setTried] = useState<CampaignDraft>()
  return (
    <>
      <Button variant="default" onClick={() => setTried(campaign())}>
        {t.preflight.button}
      </Button>
      <Drawer
        opened={tried !== undefined}
        onClose={() => setTried(undefined)}
        position="right"
        size="min(1040px, 100vw)"
        title={t.preflight.title(tried?.name ?? '')}
        closeButtonProps={{ 'aria-label': t.preflight.close }}
      >
        <Suspense fallback={<Skeleton height={400} />}>{tried && <Preflight campaign={tried} currency={currency} />}</Suspense>
      </Drawer>
    </>
  )
}
