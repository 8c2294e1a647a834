import type { Role, Scope } from '@aisle/api'
import { t } from './words'

const role = (value: Role) => ({ value, ...t.roles[value] })

/** Each may do what those before it may, too. */
export const roles = [role('viewer'), role('staff'), role('marketer'), role('approver'), role('admin')]

export const roleOf = (role: Role) => roles.find(({ value }) => value === role)

const scope = (value: Scope) => ({ value, ...t.scopes[value] })

/** What a program may do with its key. */
export const scopes = [scope('events'), scope('decide'), scope('redeem'), scope('read'), scope('manage')]
