import type { Message } from '../api'

/** What names a message: one decision may go by several channels. */
export const nameOf = (message: Message) => message.decision + message.channel

/** The messages that are shown, with what became of them since; and how many came since, which wait until they are asked for: what somebody reads stays where it is. */
export function waiting(shown: Message[], latest: Message[]): { shown: Message[]; more: number } {
  const now = new Map(latest.map((message) => [nameOf(message), message]))
  const names = new Set(shown.map(nameOf))
  return {
    shown: shown.map((message) => now.get(nameOf(message)) ?? message),
    more: latest.filter((message) => !names.has(nameOf(message))).length,
  }
}
