import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { atOnce, removeAtOnce, shelf } from './atOnce'
import { answer, api } from './client'
import type { components } from './schema'
import { useSession } from './session'

type Schemas = components['schemas']
export type Campaign = Schemas['Campaign']
export type CampaignDraft = Schemas['CampaignDraft']
export type CampaignStatus = Schemas['CampaignStatus']
export type CampaignStats = Schemas['CampaignStats']
export type CampaignWithStats = Schemas['CampaignWithStats']
export type Channel = Schemas['Channel']
export type Counts = Schemas['Counts']
export type DayCounts = Schemas['DayCounts']
export type Money = Schemas['Money']
export type Offer = Schemas['Offer']
export type Representation = Schemas['Representation']
export type Approval = Schemas['Approval']
export type Totals = Schemas['Totals']
export type Step = 'live' | 'pause' | 'archive'

const campaignsKey = ['campaigns']

/** All campaigns with what came of them, counted again each ten seconds. */
export const useCampaigns = () =>
  useQuery({
    queryKey: campaignsKey,
    queryFn: ({ signal }) => answer(api.GET('/api/campaigns', { signal })),
    refetchInterval: 10_000,
  })

export const useCampaign = (campaign: string) =>
  useQuery({
    queryKey: [...campaignsKey, campaign],
    queryFn: ({ signal }) => answer(api.GET('/api/campaigns/{campaign}', { params: { path: { campaign } }, signal })),
  })

export const useCampaignHistory = (campaign: string) =>
  useQuery({
    queryKey: [...campaignsKey, campaign, 'history'],
    queryFn: ({ signal }) => answer(api.GET('/api/campaigns/{campaign}/history', { params: { path: { campaign } }, signal })),
    select: (body) => body.versions,
  })

function useChanged() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: campaignsKey })
}

export function useCreateCampaign() {
  const onSuccess = useChanged()
  return useMutation({ mutationFn: (body: CampaignDraft) => answer(api.POST('/api/campaigns', { body })), onSuccess })
}

/** Changes a campaign; 409 if somebody else did since it was read, and then what they wrote is read before it is said. */
export function useSaveCampaign() {
  const onSettled = useChanged()
  return useMutation({
    mutationFn: (body: Campaign) => answer(api.PUT('/api/campaigns/{campaign}', { params: { path: { campaign: body.id } }, body })),
    onSettled,
  })
}

const campaignShelf = (client: QueryClient) => shelf<CampaignWithStats>(client, 'campaigns', ({ campaign }) => campaign.id)

/** Does something to one campaign, which the list and its page show at once. */
function useAtOnce<In extends { campaign: string }, Out>(call: (input: In) => Promise<Out>, after: (one: CampaignWithStats, input: In) => CampaignWithStats) {
  const client = useQueryClient()
  const onSuccess = useChanged()
  return useMutation({
    onSuccess,
    ...atOnce(client, campaignsKey, call, (input) => campaignShelf(client).change(input.campaign, (one) => after(one, input))),
  })
}

/** What a step makes of a campaign or a scenario. */
export const stateAfter: Record<Step, CampaignStatus> = { live: 'live', pause: 'paused', archive: 'archived' }

const standing = (one: CampaignWithStats, status: CampaignStatus): CampaignWithStats => ({ ...one, campaign: { ...one.campaign, status } })

export const useSetCampaignStatus = () =>
  useAtOnce(
    ({ campaign, status }: { campaign: string; status: Step }) => answer(api.POST('/api/campaigns/{campaign}/{status}', { params: { path: { campaign, status } } })),
    (one, { status }) => standing(one, stateAfter[status]),
  )

interface OfVersion {
  campaign: string
  version: number
}

/** What is known of an approval before the server says it. */
const settled = (one: CampaignWithStats, says: Partial<Approval>): CampaignWithStats => ({ ...one, ...(one.approval && { approval: { ...one.approval, ...says } }) })
const rightNow = () => new Date().toISOString()
const useMyName = () => useSession().data?.person?.name ?? ''

/** Asks second persons about a version of a campaign. */
export function useAskApproval() {
  const me = useMyName()
  return useAtOnce(
    ({ campaign, version }: OfVersion) => answer(api.POST('/api/campaigns/{campaign}/ask', { params: { path: { campaign } }, body: { version } })),
    (one, { version }) => settled(one, { state: 'asked', version, asked_by: me, asked: rightNow() }),
  )
}

/** Approves a version of a campaign that somebody else wrote, and sends it live. */
export function useApprove() {
  const me = useMyName()
  return useAtOnce(
    ({ campaign, version }: OfVersion) => answer(api.POST('/api/campaigns/{campaign}/approve', { params: { path: { campaign } }, body: { version } })),
    (one, { version }) => settled(standing(one, 'live'), { needed: false, may: false, state: 'approved', version, by: me, at: rightNow() }),
  )
}

/** Says what has to be changed in a version of a campaign. */
export function useDecline() {
  const me = useMyName()
  return useAtOnce(
    ({ campaign, ...body }: OfVersion & { note: string }) => answer(api.POST('/api/campaigns/{campaign}/decline', { params: { path: { campaign } }, body })),
    (one, { version, note }) => settled(one, { state: 'declined', version, note, by: me, at: rightNow() }),
  )
}

export function useDeleteCampaign() {
  const client = useQueryClient()
  const changed = useChanged()
  return useMutation(removeAtOnce(client, 'campaigns', campaignShelf(client).drop, (campaign) => answer(api.DELETE('/api/campaigns/{campaign}', { params: { path: { campaign } } })), changed))
}

/** Brings back what was removed, as it stood, with its history. */
export function useRestoreCampaign() {
  const onSuccess = useChanged()
  return useMutation({
    mutationFn: async (body: Campaign) => {
      await answer(api.POST('/api/campaigns', { body }))
      if (body.status === 'archived') await answer(api.POST('/api/campaigns/{campaign}/{status}', { params: { path: { campaign: body.id, status: 'archive' } } }))
    },
    onSuccess,
  })
}
