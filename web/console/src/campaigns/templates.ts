import type { CampaignDraft, Shop } from '@aisle/api'

/** A beginning for a campaign, in the words of a shop. */
export interface Template {
  id: string
  name: string
  says: string
  icon: 'dwell' | 'search' | 'welcome' | 'leave' | 'blank'
  draft: (shop: Shop | undefined) => CampaignDraft
}

const sms = 'Hi {{name}}, {{title}} at {{shop}} until {{until}}. Show code {{code}} at the till. Reply STOP to end.'
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
    name: 'Somebody lingers',
    says: 'When a shopper stays in a zone for a while, help them decide.',
    icon: 'dwell',
    draft: (shop) => begin(shop, zoneName(shop) ? `Lingering at ${zoneName(shop)}` : 'Lingering in a zone', 'zone_dwelled', '10% off today', { cooldown_ns: 4 * hour }),
  },
  {
    id: 'searched',
    name: 'Searched at home, now in the shop',
    says: 'When somebody who looked for something on the web stands before it.',
    icon: 'search',
    draft: (shop) => {
      const category = shop?.zones.find(({ kind }) => kind === 'sales')?.category
      return begin(shop, 'Searched, now here', 'zone_entered', 'What you looked for: 10% off', category ? { applicability: `searches[${JSON.stringify(category)}] >= 1` } : {})
    },
  },
  {
    id: 'welcome',
    name: 'Welcome back',
    says: 'When the camera at the door recognises a shopper who asked to be recognised.',
    icon: 'welcome',
    draft: (shop) => begin(shop, 'Welcome back', 'recognised', '10% off your basket', { cooldown_ns: 7 * 24 * hour, cap: { times: 1, per_ns: 7 * 24 * hour } }),
  },
  {
    id: 'leave',
    name: 'Left without buying',
    says: 'When a shopper leaves a zone where they stayed.',
    icon: 'leave',
    draft: (shop) => begin(shop, 'Left without buying', 'zone_left', 'Still thinking? 10% off for two hours'),
  },
  {
    id: 'blank',
    name: 'Blank',
    says: 'Begin with nothing but the form.',
    icon: 'blank',
    draft: (shop) => ({ name: '', trigger: { event: 'zone_dwelled', ...(shop && { shop: shop.id }) }, channels: ['app'], offers: [{ id: '', title: '', body: '', sms, value: { minor: 0, currency: shop?.currency ?? 'EUR' }, valid_ns: 2 * hour }] }),
  },
]

/** A campaign like another, as a draft of its own. */
export function copyOf({ name, ...campaign }: CampaignDraft & { status?: string; version?: number; updated?: string }): CampaignDraft {
  const { id: _id, status: _status, version: _version, updated: _updated, ...rest } = campaign
  return { ...rest, name: `${name}, copy`, offers: campaign.offers.map((offer) => ({ ...offer, id: '' })) }
}
