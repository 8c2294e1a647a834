package email

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"html/template"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
)

// doorTimeout bounds what ending the letters may take.
const doorTimeout = 10 * time.Second

// Withdraw takes a shopper's consent to letters back, by an event of this name.
type Withdraw func(ctx context.Context, shopper offers.ShopperID, event string) error

// Routes puts in the door that the links in letters lead to. A mail program
// posts to it by itself when its reader asks (RFC 8058), without a page; who
// opens the link is asked first, as programs that look at links would end
// letters that nobody wants to end.
func (c *Channel) Routes(r fiber.Router, withdraw Withdraw) {
	r.Get(leavePath, func(ctx *fiber.Ctx) error {
		if _, err := c.leaving(ctx); err != nil {
			return err
		}
		return show(ctx, "No more e-mail?", "You will get no more offers by e-mail. Other ways stay as they are.", true)
	})
	r.Post(leavePath, func(ctx *fiber.Ctx) error {
		shopper, err := c.leaving(ctx)
		if err != nil {
			return err
		}
		call, cancel := context.WithTimeout(ctx.UserContext(), doorTimeout)
		defer cancel()
		// They may agree again, and end it again by the same link.
		link := sha256.Sum256([]byte(ctx.Query("t")))
		event := fmt.Sprintf("email-unsubscribed-%x-%d", link[:8], time.Now().Unix())
		if err := withdraw(call, shopper, event); err != nil {
			return err
		}
		return show(ctx, "It has ended", "You will get no more offers by e-mail. In our app you can have them again.", false)
	})
}

// leaving is who the link of a letter belongs to.
func (c *Channel) leaving(ctx *fiber.Ctx) (offers.ShopperID, error) {
	shopper, err := catalog.OpenToken(c.key, leavePurpose, ctx.Query("t"), time.Now())
	if err != nil {
		return "", fmt.Errorf("this link: %w", err)
	}
	return shopper, nil
}

// show answers with a page.
func show(c *fiber.Ctx, title, text string, ask bool) error {
	var body bytes.Buffer
	if err := leaving.Execute(&body, map[string]any{"Title": title, "Text": text, "Ask": ask}); err != nil {
		return fmt.Errorf("page: %w: %w", offers.ErrInvalid, err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("Referrer-Policy", "no-referrer")
	return c.Send(body.Bytes())
}

var leaving = template.Must(template.New("leaving").Parse(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><title>{{.Title}}</title></head>
<body style="margin:0 auto;padding:48px 24px;max-width:480px;font:17px/1.5 system-ui,sans-serif">
<main><h1 style="font-size:24px">{{.Title}}</h1><p>{{.Text}}</p>
{{if .Ask}}<form method="post"><button style="font:inherit;padding:10px 18px;border:0;border-radius:8px;background:#1f5fd6;color:#fff">No more e-mail</button></form>{{end}}</main>
</body>
</html>
`))
