import type { Role, Scope } from '@aisle/api'

/** Each may do what those before it may, too. */
export const roles: { value: Role; label: string; may: string }[] = [
  { value: 'viewer', label: 'Viewer', may: 'looks at everything without personal data, changes nothing' },
  { value: 'staff', label: 'Staff', may: 'the shop now, redeeming, forgetting a face, taking in what shoppers ask' },
  { value: 'marketer', label: 'Marketer', may: 'campaigns, scenarios, shops, sources, people with their data' },
  { value: 'approver', label: 'Approver', may: 'lets what others wrote go live, answers requests of privacy' },
  { value: 'admin', label: 'Admin', may: 'everything: who may sign in, keys, the audit' },
]

export const roleOf = (role: Role) => roles.find(({ value }) => value === role)

/** What a program may do with its key. */
export const scopes: { value: Scope; label: string; may: string }[] = [
  { value: 'events', label: 'Write events', may: 'the collector’s doors: events and feeds' },
  { value: 'decide', label: 'Ask for offers', may: 'POST /v1/decide' },
  { value: 'redeem', label: 'Redeem codes', may: 'POST /v1/redemptions, as a till' },
  { value: 'read', label: 'Read', may: 'the console’s doors as a viewer: without personal data' },
  { value: 'manage', label: 'Manage', may: 'the console’s doors as a marketer: also changes, with personal data' },
]
