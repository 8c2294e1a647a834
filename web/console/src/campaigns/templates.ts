import type { CampaignDraft, Shop } from '@aisle/api'
import { t } from './words'

/** A beginning for a campaign, in the words of a shop. */
export interface Template {
  id: string
  name: string
  says: string
  icon: 'dwell' | 'search' | 'welcome' | 'leave' | 'blank'
  draft: (shop: Shop | undefined) => CampaignDraft
}

const { sms, dwell, searched, welcome, leave, blank } = t.templates
const hour = 3_600e9

function begin(shop: Shop | undefined, name: string, event: string, title: string, more: Partial<CampaignDraft> = {}): CampaignDraft {
  const zone = shop?.zones.find(({ kind }) => kind === 'sales')
  const atZone = event.startsWith('zone_')
  return {
    name,
    trigger: { event, ...(shop && { shop: shop.id }), ...(atZone && zone && { zones: [zone.id] }) },
    channels: ['app', 'sms'],
    offers: [
      {
        id: '',
        title,
        body: '',
        sms,
        ...(zone?.category && { category: zone.category }),
        ...(zone && { zone: zone.id }),
        value: { minor: 500, currency: shop?.currency ?? 'EUR' },
        discount: 0.1,
        valid_ns: 2 * hour,
      },
    ],
    cap: { times: 1, per_ns: 24 * hour },
    ...more,
  }
}

const zoneName = (shop: Shop | undefined) => shop?.zones.find(({ kind }) => kind === 'sales')?.name

export const templates: Template[] = [
  {
    id: 'dwell',
    name: dwell.name,
    says: dwell.says,
    icon: 'dwell',
    draft: (shop) => {
      const zone = zoneName(shop)
      return begin(shop, zone ? dwell.campaignAt(zone) : dwell.campaign, 'zone_dwelled', dwell.offer, { cooldown_ns: 4 * hour })
    },
  },
  {
    id: 'searched',
    name: searched.name,
    says: searched.says,
    icon: 'search',
    draft: (shop) => {
      const category = shop?.zones.find(({ kind }) => kind === 'sales')?.category
      return begin(shop, searched.campaign, 'zone_entered', searched.offer, category ? { applicability: `searches[${JSON.stringify(category)}] >= 1` } : {})
    },
  },
  {
    id: 'welcome',
    name: welcome.name,
    says: welcome.says,
    icon: 'welcome',
    draft: (shop) => begin(shop, welcome.name, 'recognised', welcome.offer, { cooldown_ns: 7 * 24 * hour, cap: { times: 1, per_ns: 7 * 24 * hour } }),
  },
  {
    id: 'leave',
    name: leave.name,
    says: leave.says,
    icon: 'leave',
    draft: (shop) => begin(shop, leave.name, 'zone_left', leave.offer),
  },
  {
    id: 'blank',
    name: blank.name,
    says: blank.says,
    icon: 'blank',
    draft: (shop) => ({ name: '', trigger: { event: 'zone_dwelled', ...(shop && { shop: shop.id }) }, channels: ['app'], offers: [{ id: '', title: '', body: '', sms, value: { minor: 0, currency: shop?.currency ?? 'EUR' }, valid_ns: 2 * hour }] }),
  },
]

/** A campaign like another, as a draft of its own. */
export function copyOf({ name, ...campaign }: CampaignDraft & { status?: string; version?: number; updated?: string }): CampaignDraft {
  const { id: _id, status: _status, version: _version, updated: _updated, ...rest } = campaign
  return { ...rest, name: t.templates.copy(name), offers: campaign.offers.map((offer) => ({ ...offer, id: '' })) }
}
