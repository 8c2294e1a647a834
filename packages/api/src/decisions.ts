import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { answer, api } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Candidate = Schemas['Candidate']
export type Decision = Schemas['Decision']
export type DecisionDetail = Schemas['DecisionDetail']
export type DecisionSummary = Schemas['DecisionSummary']
export type Delivery = Schemas['Delivery']
export type DeliveryState = Schemas['DeliveryState']
export type Redemption = Schemas['Redemption']
export type Verdict = Schemas['Verdict']
export type Sensor = Schemas['Sensor']

export interface DecisionsFilter {
  shop?: string
  shopper?: string
  campaign?: string
  verdict?: Verdict
}

/** Recent decisions, newest first, asked for again each five seconds. */
export const useDecisions = (filter: DecisionsFilter) =>
  useQuery({
    queryKey: ['decisions', filter],
    queryFn: ({ signal }) => answer(api.GET('/api/decisions', { params: { query: { ...filter, limit: 200 } }, signal })),
    select: (body) => body.decisions,
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  })

/** Why this shopper got this offer, or none. Asked for again while its message is under way. */
export const useDecision = (decision: string) =>
  useQuery({
    queryKey: ['decisions', decision],
    queryFn: ({ signal }) => answer(api.GET('/api/decisions/{decision}', { params: { path: { decision } }, signal })),
    refetchInterval: ({ state: { data } }) => (data?.decision.verdict === 'offered' && !data.redemption ? 5_000 : false),
  })
