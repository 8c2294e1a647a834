import { useCallback } from 'react'
import type { CampaignDraft } from './campaigns'
import { usePast } from './past'
import type { components } from './schema'

type Schemas = components['schemas']
export type Preflight = Schemas['Preflight']
export type PreflightAmount = Schemas['PreflightAmount']
export type PolicyReport = Schemas['PolicyReport']

/** Tries a campaign, kept or not, on what happened in the last days. Nothing is kept. */
export function usePreflight() {
  const { ask, ...past } = usePast<Preflight>()
  const run = useCallback((campaign: CampaignDraft, days: number) => ask('/api/preflight', { campaign, days }), [ask])
  return { ...past, run }
}
