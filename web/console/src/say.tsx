import { said } from '@aisle/ui'
import { notifications } from '@mantine/notifications'
import { Check, TriangleAlert } from 'lucide-react'
import { t } from './words'

const look = { withBorder: true, closeButtonProps: { 'aria-label': t.dismiss } }

/** Tells, at the page's corner, that something was done. */
export const done = (message: string) =>
  notifications.show({ message, color: 'teal', icon: <Check size={16} aria-hidden />, autoClose: 3_500, ...look })

/** Tells why something was not done. */
export const failed = (error: unknown) =>
  notifications.show({ title: t.failed, message: said(error), color: 'red', icon: <TriangleAlert size={16} aria-hidden />, autoClose: 9_000, ...look })
