import { Activity, BrainCircuit, Building2, Cctv, FileCheck2, FileText, FlaskConical, Funnel, Inbox, KeyRound, Megaphone, MessageSquareText, Plug, Route, ScanFace, ScrollText, ServerCog, Settings, ShieldCheck, Sigma, UserRound, UserRoundCog, Users, type LucideIcon } from 'lucide-react'
import { t } from './words'

export type PlaceName = keyof typeof t.places
export type GroupName = keyof typeof t.groups

const groups = {
  engage: { campaigns: Megaphone, scenarios: Route, segments: Funnel, experiments: FlaskConical, model: BrainCircuit, decisions: Activity, people: Users, features: Sigma, recognition: ScanFace },
  live: { shops: Building2, cameras: Cctv, sandbox: MessageSquareText },
  manage: { sources: Plug, feeds: FileText, contracts: FileCheck2, quarantine: Inbox, privacy: ShieldCheck, team: UserRoundCog, keys: KeyRound, audit: ScrollText, account: UserRound, settings: Settings, system: ServerCog },
} satisfies Record<GroupName, Partial<Record<PlaceName, LucideIcon>>>

interface Place {
  id: PlaceName
  to: `/${PlaceName}`
  name: string
  group: GroupName
  Icon: LucideIcon
}

/** Where one can go, in the order of the navigation. */
export const places: Place[] = Object.entries(groups).flatMap(([group, icons]) =>
  Object.entries(icons).map(([id, Icon]) => ({ id: id as PlaceName, to: `/${id as PlaceName}` as const, name: t.places[id as PlaceName], group: group as GroupName, Icon })),
)
