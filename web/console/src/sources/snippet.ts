import type { Source } from '@aisle/api'

/** A command that sends one event as this source. */
export function snippet({ key, kind }: Pick<Source, 'key' | 'kind'>, origin: string): string {
  if (kind === 'till') {
    return `curl ${origin}/v1/redemptions -u '${key}:' \\
  -H 'content-type: application/json' \\
  -d '{"code": "7KQ2M4XB", "till": "till-1", "transaction": "receipt-1042", "basket": {"minor": 4200, "currency": "EUR"}}'`
  }
  return `curl ${origin}/v1/track -u '${key}:' \\
  -H 'content-type: application/json' \\
  -d '{"userId": "customer-1", "event": "Products Searched", "properties": {"query": "running shoes"}}'`
}
