import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api, Problem, problemOf } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Entrance = Schemas['Entrance']
export type Canary = Schemas['Canary']
export type Picture = Schemas['Picture']
export type AddedPicture = Schemas['AddedPicture']
export type PlanChange = Schemas['PlanChange']
export type PlanPreview = Schemas['PlanPreview']
export type Survey = Schemas['Survey']
export type SurveyPoint = Schemas['SurveyPoint']
export type SurveyError = Schemas['SurveyError']
export type SurveyReadings = Schemas['SurveyReadings']
export type ShopHealth = Schemas['ShopHealth']
export type ZoneHealth = Schemas['ZoneHealth']

/** Where a shop's plan is downloaded as GeoJSON. */
export const planAddress = (shop: string) => `/api/shops/${encodeURIComponent(shop)}/plan`

/** Posts bytes as they are: the typed client would make JSON of them. @throws {Problem} */
async function post<T>(address: string, body: Blob, type: string): Promise<T> {
  let response: Response
  try {
    response = await fetch(address, { method: 'POST', headers: { 'X-Aisle': '1', 'Content-Type': type }, body })
  } catch {
    throw new Problem(0, 'The server does not answer. Check that it runs and that this machine is online, and try again.')
  }
  const said: unknown = await response.json().catch(() => null)
  if (!response.ok) throw problemOf(response.status, said)
  return said as T
}

/** What would come of a plan; nothing is kept. */
export const usePreviewPlan = (shop: string) => useMutation({ mutationFn: (plan: Blob) => post<PlanPreview>(planAddress(shop), plan, 'application/geo+json') })

/** Adds a picture that a floor may name as its image. */
export const useAddPicture = (shop: string) =>
  useMutation({ mutationFn: (picture: Blob) => post<AddedPicture>(`/api/shops/${encodeURIComponent(shop)}/pictures`, picture, 'application/octet-stream') })

const surveyKey = (shop: string) => ['survey', shop]

/** What was surveyed. What a point says of the map takes the server a moment: until then the old answer stands. */
export const useSurvey = (shop: string) =>
  useQuery({
    queryKey: surveyKey(shop),
    queryFn: ({ signal }) => answer(api.GET('/api/shops/{shop}/survey', { params: { path: { shop } }, signal })),
    placeholderData: keepPreviousData,
  })

/** A survey whose points still say what is known of them. */
export function withFound(survey: Survey, known: Survey | undefined): Survey {
  const before = (point: SurveyPoint) => known?.points.find((other) => other.floor === point.floor && other.at.x === point.at.x && other.at.y === point.at.y && other.taken === point.taken)
  return {
    ...survey,
    points: survey.points.map((point) => {
      const found = point.found ?? before(point)?.found
      return found ? { ...point, found } : point
    }),
    fit: { ...(known?.fit ?? survey.fit), points: survey.fit.points },
    floors: survey.floors.map((floor) => ({ ...(known?.floors.find((other) => other.floor === floor.floor) ?? floor), points: floor.points })),
    receivers: known?.receivers ?? survey.receivers,
  }
}

function useKept(shop: string) {
  const client = useQueryClient()
  return (survey: Survey) => {
    client.setQueryData<Survey>(surveyKey(shop), (known) => withFound(survey, known))
    void client.invalidateQueries({ queryKey: surveyKey(shop) })
  }
}

export function useAddSurveyPoint(shop: string) {
  const onSuccess = useKept(shop)
  return useMutation({
    mutationFn: (body: Schemas['NewSurveyPoint']) => answer(api.POST('/api/shops/{shop}/survey/points', { params: { path: { shop } }, body })),
    onSuccess,
  })
}

/** Removes the point at a place, or all of a floor. */
export function useForgetSurvey(shop: string) {
  const onSuccess = useKept(shop)
  return useMutation({
    mutationFn: ({ floor, at }: { floor: string; at?: { x: number; y: number } }) => answer(api.DELETE('/api/shops/{shop}/survey', { params: { path: { shop }, query: { floor, ...at } } })),
    onSuccess,
  })
}

/** The tags that are heard now, each second. */
export const useSurveyTags = (shop: string, enabled: boolean) =>
  useQuery({
    queryKey: ['survey tags', shop],
    queryFn: ({ signal }) => answer(api.GET('/api/shops/{shop}/survey/tags', { params: { path: { shop } }, signal })),
    refetchInterval: 1_000,
    enabled,
  })

/** Packets of a tag since a time by the clock of the house. @throws {Problem} */
export const surveyReadings = (shop: string, tag: string, since?: string, signal?: AbortSignal): Promise<SurveyReadings> =>
  answer(api.GET('/api/shops/{shop}/survey/readings', { params: { path: { shop }, query: { tag, ...(since && { since }) } }, ...(signal && { signal }) }))

export const useShopHealth = (shop: string) =>
  useQuery({
    queryKey: ['shop health', shop],
    queryFn: ({ signal }) => answer(api.GET('/api/shops/{shop}/health', { params: { path: { shop } }, signal })),
    refetchInterval: 5_000,
  })
