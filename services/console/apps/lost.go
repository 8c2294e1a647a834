package apps

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"

	"github.com/gofiber/fiber/v2"
)

// lostWords are what the page says of an address that does not exist, by
// language.
var lostWords = map[string]struct {
	Lang, Dir, Title, Says, Staff, Console, Shopper string
}{
	"en": {"en", "ltr", "There is no such page", "The address may be mistyped, or what was there has moved.", "The shop now", "The console", "The shopper’s app"},
	"nl": {"nl", "ltr", "Deze pagina bestaat niet", "Misschien is het adres verkeerd getypt, of staat het nu ergens anders.", "De winkel nu", "De console", "De app voor klanten"}, //nolint:misspell // Dutch
	"ar": {"ar", "rtl", "لا توجد صفحة بهذا العنوان", "ربما كُتب العنوان خطأ، أو انتقل ما كان فيه.", "المتجر الآن", "لوحة التحكم", "تطبيق المتسوّق"},
}

//go:embed lost.css
var lostStyle string

// lostPage needs no file of an app: it is there also where none is built.
var lostPage = template.Must(template.New("lost").Parse(`<!doctype html>
<html lang="{{.Lang}}" dir="{{.Dir}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>{{.Title}} · Aisle</title><style>` + lostStyle + `</style></head>
<body><main>
<svg width="40" height="40" viewBox="0 0 512 512" aria-hidden="true"><rect width="512" height="512" rx="112" fill="#5a5edb"/><path d="M286 96L140 286h92l-20 130 160-200h-98z" fill="#fff"/></svg>
<h1>{{.Title}}</h1>
<p>{{.Says}}</p>
<nav><a href="/staff/">{{.Staff}}</a><a href="/console/">{{.Console}}</a><a href="/shopper/">{{.Shopper}}</a></nav>
</main></body></html>
`))

// lostPolicy lets the page load nothing, and be styled by its own style only.
var lostPolicy = func() string {
	sum := sha256.Sum256([]byte(lostStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// lost answers who looks with a browser at an address that does not exist with a
// page that leads back. Scripts and other programs get what they always got.
func lost(c *fiber.Ctx) error {
	err := c.Next()
	var f *fiber.Error
	if errors.As(err, &f) && f.Code == fiber.StatusNotFound && wantsPage(c) {
		return tellLost(c)
	}
	return err
}

// wantsPage tells whether a page is preferred to what programs read.
func wantsPage(c *fiber.Ctx) bool {
	return c.Method() == fiber.MethodGet && c.Accepts(fiber.MIMEApplicationJSON, fiber.MIMETextHTML) == fiber.MIMETextHTML
}

func tellLost(c *fiber.Ctx) error {
	words, ok := lostWords[c.AcceptsLanguages("en", "nl", "ar")]
	if !ok {
		words = lostWords["en"]
	}
	var b bytes.Buffer
	if err := lostPage.Execute(&b, words); err != nil {
		return err
	}
	secure(c)
	c.Set(fiber.HeaderContentSecurityPolicy, lostPolicy)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderVary, fiber.HeaderAccept+", "+fiber.HeaderAcceptLanguage)
	c.Set(fiber.HeaderContentLanguage, words.Lang)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Status(fiber.StatusNotFound).Send(b.Bytes())
}
