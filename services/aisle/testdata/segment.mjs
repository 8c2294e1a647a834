// A web shop's server: tells Aisle what somebody did, by Segment's own client.
//   node segment.mjs URL WRITE_KEY CUSTOMER PHONE TAG QUERY
import { Analytics } from '@segment/analytics-node'

const [host, writeKey, userId, phone, tag, query] = process.argv.slice(2)
const analytics = new Analytics({ writeKey, host, flushAt: 10, maxRetries: 3 })
analytics.on('error', (err) => {
  console.error(err)
  process.exitCode = 1
})
analytics.identify({
  userId,
  traits: { name: 'Mia', phone, tier: 'gold' },
  context: {
    externalIds: [{ id: tag, type: 'tag', collection: 'users', encoding: 'none' }],
    consent: { categoryPreferences: { search: true } }, // she agreed on the web site
  },
})
analytics.track({ userId, event: 'Products Searched', properties: { query } })
await analytics.closeAndFlush()
