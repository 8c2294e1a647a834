import { replaceEqualDeep } from '@tanstack/react-query'
import type { DecisionSummary, Delivery, DeliveryState, Redemption } from '../decisions'
import type { components } from '../schema'
import type { Shop } from '../shops'
import type { SandboxMessage } from '../system'
import type { Message } from './parse'

type Schemas = components['schemas']
export type LivePerson = Schemas['LivePerson']
export type HelpNext = Schemas['HelpNext']
export type Alert = Schemas['Alert']
export type LiveKpis = Schemas['LiveKpis']
export type LiveZone = Schemas['LiveZone']
export type DeviceHealth = Schemas['DeviceHealth']
export type LiveSnapshot = Schemas['LiveSnapshot']

/** One shop as it was told, message by message. */
export interface Live {
  shop?: Shop
  people: LivePerson[]
  /** Who may want help, the most urgent first. */
  help: HelpNext[]
  kpis?: LiveKpis
  /** Newest first, with what became of each. */
  decisions: DecisionSummary[]
  deliveries: Delivery[]
  redemptions: Redemption[]
  sandbox: SandboxMessage[]
  /** The server's clock when it wrote the latest message that says so. */
  written?: number
}

export const nothing: Live = { people: [], help: [], decisions: [], deliveries: [], redemptions: [], sandbox: [] }

const kept = 200

/** What a shop looks like after one more message. What cannot be read changes nothing, and of figures what is as it was is the same object: who shows it is not drawn anew. */
export function fold(live: Live, message: Message): Live {
  let data: unknown
  try {
    data = JSON.parse(message.data)
  } catch {
    return live
  }
  switch (message.type) {
    case 'snapshot':
      return begin(data as LiveSnapshot)
    case 'people': {
      const { people, help, at } = data as Schemas['LivePeople']
      return { ...live, people, help: replaceEqualDeep(live.help, help), written: Date.parse(at) }
    }
    case 'kpis': {
      const kpis = data as LiveKpis
      return { ...live, kpis: replaceEqualDeep(live.kpis, kpis), written: Date.parse(kpis.at) }
    }
    case 'heartbeat':
      return { ...live, written: Date.parse((data as Schemas['LiveHeartbeat']).at) }
    case 'decision':
      return decided(live, data as DecisionSummary)
    case 'delivery':
      return delivered(live, data as Delivery)
    case 'redemption':
      return redeemed(live, data as Redemption)
    case 'redemption_undone':
      return undone(live, data as Redemption)
    case 'sandbox': {
      const message = data as SandboxMessage
      if (live.sandbox.some(({ id }) => id === message.id)) return live
      return { ...live, sandbox: [message, ...live.sandbox].slice(0, kept) }
    }
    default:
      return live
  }
}

function begin(snapshot: LiveSnapshot): Live {
  const { shop, people, kpis, decisions, deliveries, redemptions, sandbox } = snapshot
  return { shop, people: people.people, help: people.help, kpis, decisions, deliveries, redemptions, sandbox, written: Date.parse(kpis.at) }
}

function decided(live: Live, decision: DecisionSummary): Live {
  if (live.decisions.some(({ id }) => id === decision.id)) return live
  // Its deliveries may have been told before it.
  const told = live.deliveries.filter((delivery) => delivery.decision === decision.id)
  const whole = told.reduceRight((one, delivery, i) => afterDelivery(one, delivery, told.slice(i + 1)), decision)
  return { ...live, decisions: [whole, ...live.decisions].slice(0, kept) }
}

function delivered(live: Live, delivery: Delivery): Live {
  const told = live.deliveries.some(({ id, state }) => id === delivery.id && state === delivery.state)
  if (told) return live
  return {
    ...live,
    deliveries: [delivery, ...live.deliveries].slice(0, kept),
    decisions: live.decisions.map((decision) => (decision.id === delivery.decision ? afterDelivery(decision, delivery, live.deliveries) : decision)),
  }
}

function redeemed(live: Live, redemption: Redemption): Live {
  if (live.redemptions.some(({ decision }) => decision === redemption.decision)) return live
  return {
    ...live,
    redemptions: [redemption, ...live.redemptions].slice(0, kept),
    decisions: live.decisions.map((decision) =>
      decision.id === redemption.decision ? { ...decision, redeemed: redemption.at } : decision,
    ),
  }
}

function undone(live: Live, { decision: id }: Redemption): Live {
  return {
    ...live,
    redemptions: live.redemptions.filter(({ decision }) => decision !== id),
    decisions: live.decisions.map((decision) => {
      if (decision.id !== id) return decision
      const { redeemed: _, ...holds } = decision
      return holds
    }),
  }
}

/** How far an offer came; of several channels the best counts. */
const progress: DeliveryState[] = ['claimed', 'refused', 'failed', 'held', 'sent', 'delivered']

/** A decision after one more of its deliveries; what was told before, newest first, says whether it is this one that moved on. */
function afterDelivery(decision: DecisionSummary, delivery: Delivery, told: Delivery[]): DecisionSummary {
  const before = told.find(({ id }) => id === delivery.id)
  const better = !decision.state || before?.state === decision.state || progress.indexOf(delivery.state) > progress.indexOf(decision.state)
  const arrived = delivery.state === 'sent' || delivery.state === 'delivered'
  return {
    ...decision,
    ...(better && { state: delivery.state }),
    ...(arrived &&
      decision.latency_ms === undefined && { latency_ms: Math.max(0, Date.parse(delivery.at) - Date.parse(delivery.received)) }),
  }
}
