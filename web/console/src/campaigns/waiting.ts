import { useCampaigns, useMay, useSession, type CampaignWithStats } from '@aisle/api'

export interface Waiting {
  id: string
  name: string
  asked_by: string
}

/** Campaigns that somebody other than `me` was asked to look at before they go live, as they are now. */
export const waitingFor = (campaigns: CampaignWithStats[], me: string): Waiting[] =>
  campaigns.flatMap(({ campaign: { id, name, version }, approval }) =>
    approval?.needed && approval.state === 'asked' && approval.version === version && approval.asked_by !== undefined && approval.asked_by !== me ? [{ id, name, asked_by: approval.asked_by }] : [],
  )

/** What waits for the one who is signed in: nothing where they may not approve. */
export function useWaitingForMe(): Waiting[] {
  const { data } = useCampaigns()
  const { data: session } = useSession()
  const may = useMay('approver')
  return may && data && session?.person ? waitingFor(data.campaigns, session.person.name) : []
}
