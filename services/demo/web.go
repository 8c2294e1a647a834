package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// A website is the retailer's web shop, whose pages carry Segment's snippet.
// It sends what Segment's own node client sends.
type website struct{ *caller }

type message map[string]any

// send posts a batch, as the client does when it flushes.
func (w website) send(ctx context.Context, messages ...message) error {
	now := time.Now().UTC().Format(time.RFC3339Nano)
	for _, m := range messages {
		m["messageId"] = "node-next-" + uuid.NewString()
		m["timestamp"] = now
		if m["context"] == nil {
			m["context"] = message{"library": message{"name": "@segment/analytics-node", "version": "3.1.0"}}
		}
	}
	return w.call(ctx, "POST", "/v1/batch", message{"batch": messages, "sentAt": now}, nil)
}

// identify says who has signed in, and which card is theirs.
func (w website) identify(ctx context.Context, p person) error {
	return w.send(ctx, message{
		"type": "identify", "userId": p.id,
		"traits": message{"name": p.name, "phone": p.phone, "tier": p.tier, "locale": "en", "timezone": "Europe/Amsterdam"},
		"context": message{
			"library":     message{"name": "@segment/analytics-node", "version": "3.1.0"},
			"externalIds": []message{{"id": p.tag, "type": "tag", "collection": "users", "encoding": "none"}},
		},
	})
}

// browse is one look around: a search, the list, a product.
func (w website) browse(ctx context.Context, p person, want interest) error {
	return w.send(ctx,
		message{"type": "track", "userId": p.id, "event": "Products Searched", "properties": message{"query": want.query}},
		message{"type": "track", "userId": p.id, "event": "Product List Viewed", "properties": message{"category": want.category}},
		message{"type": "track", "userId": p.id, "event": "Product Viewed", "properties": message{
			"product_id": "sku-" + want.category, "name": want.product, "category": want.category,
			"price": float64(want.priceMinor) / 100, "currency": "EUR",
			"url": fmt.Sprintf("https://shop.example/p/%s", want.category),
		}},
	)
}

// mistakes are those that every web shop makes: a price that is a text, an
// event of nobody, a crawler that runs the page's scripts.
func (w website) mistakes(ctx context.Context, p person) error {
	return w.send(ctx,
		message{"type": "track", "userId": p.id, "event": "Product Viewed", "properties": message{
			"product_id": "sku-socks", "name": "Wool socks", "category": "socks", "price": "12,95 €",
		}},
		message{"type": "track", "event": "Product Added", "properties": message{"product_id": "sku-socks"}},
		message{"type": "page", "anonymousId": uuid.NewString(), "name": "Home", "context": message{
			"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
			"page":      message{"url": "https://shop.example/"},
		}},
	)
}

// productViewed is what the shop and its web agency agreed on for
// product_viewed.
var productViewed = message{
	"type": "object", "required": []string{"product_id"},
	"properties": message{
		"product_id": message{"type": "string", "minLength": 1},
		"category":   message{"type": "string"},
		"price":      message{"type": "number", "minimum": 0},
		"currency":   message{"type": "string", "pattern": "^[A-Z]{3}$"},
	},
}
