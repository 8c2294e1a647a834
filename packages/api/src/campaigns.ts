import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { atOnce } from './atOnce'
import { answer, api } from './client'
import type { components } from './schema'

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

/** Changes a campaign; 409 if somebody else did since it was read. */
export function useSaveCampaign() {
  const onSuccess = useChanged()
  return useMutation({
    mutationFn: (body: Campaign) => answer(api.PUT('/api/campaigns/{campaign}', { params: { path: { campaign: body.id } }, body })),
    onSuccess,
  })
}

/** What a step makes of a campaign. */
const stateAfter: Record<Step, CampaignStatus> = { live: 'live', pause: 'paused', archive: 'archived' }

/** The list and the page show it at once. */
export function useSetCampaignStatus() {
  const client = useQueryClient()
  const onSuccess = useChanged()
  const call = ({ campaign, status }: { campaign: string; status: Step }) => answer(api.POST('/api/campaigns/{campaign}/{status}', { params: { path: { campaign, status } } }))
  return useMutation({
    onSuccess,
    ...atOnce(client, campaignsKey, call, ({ campaign: id, status }) => {
      const after = (one: CampaignWithStats) => (one.campaign.id === id ? { ...one, campaign: { ...one.campaign, status: stateAfter[status] } } : one)
      client.setQueryData<{ campaigns: CampaignWithStats[] }>(campaignsKey, (list) => list && { ...list, campaigns: list.campaigns.map(after) })
      client.setQueryData<CampaignWithStats>([...campaignsKey, id], (one) => one && after(one))
    }),
  })
}

/** Asks second persons about a version of a campaign. */
export function useAskApproval() {
  const onSuccess = useChanged()
  return useMutation({
    mutationFn: ({ campaign, version }: { campaign: string; version: number }) => answer(api.POST('/api/campaigns/{campaign}/ask', { params: { path: { campaign } }, body: { version } })),
    onSuccess,
  })
}

/** Approves a version of a campaign that somebody else wrote, and sends it live. */
export function useApprove() {
  const onSuccess = useChanged()
  return useMutation({
    mutationFn: ({ campaign, version }: { campaign: string; version: number }) => answer(api.POST('/api/campaigns/{campaign}/approve', { params: { path: { campaign } }, body: { version } })),
    onSuccess,
  })
}

/** Says what has to be changed in a version of a campaign. */
export function useDecline() {
  const onSuccess = useChanged()
  return useMutation({
    mutationFn: ({ campaign, ...body }: { campaign: string; version: number; note: string }) => answer(api.POST('/api/campaigns/{campaign}/decline', { params: { path: { campaign } }, body })),
    onSuccess,
  })
}

export function useDeleteCampaign() {
  const onSuccess = useChanged()
  return useMutation({
    mutationFn: (campaign: string) => answer(api.DELETE('/api/campaigns/{campaign}', { params: { path: { campaign } } })),
    onSuccess,
  })
}
