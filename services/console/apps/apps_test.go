package apps

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gofiber/fiber/v2"
)

func built() fstest.MapFS {
	script := strings.Repeat("console.log(1);", 20)
	return fstest.MapFS{
		"console/index.html":                  {Data: []byte("<!doctype html>console")},
		"console/assets/index-xWnG85ba.js":    {Data: []byte(script)},
		"console/assets/index-xWnG85ba.js.br": {Data: []byte("brotli")},
		"console/assets/index-xWnG85ba.js.gz": {Data: []byte("gzip")},
		"console/scheme.js":                   {Data: []byte("1")},
		"shopper/index.html":                  {Data: []byte("<!doctype html>shopper")},
		"shopper/sw.js":                       {Data: []byte("1")},
		"shopper/manifest.webmanifest":        {Data: []byte("{}")},
	}
}

func TestServe(t *testing.T) {
	a, err := From(built())
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New()
	a.Routes(app)
	app.Get("/later", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusAccepted) })
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	const asset = "/console/assets/index-xWnG85ba.js"
	tests := map[string]struct {
		path   string
		header map[string]string
		status int
		body   string
		want   map[string]string
	}{
		"the way in":           {path: "/", status: 302, want: map[string]string{"Location": "/console/"}},
		"without the slash":    {path: "/staff", status: 301, want: map[string]string{"Location": "/staff/"}},
		"a page":               {path: "/console/", status: 200, body: "<!doctype html>console", want: map[string]string{"Cache-Control": "no-cache", "Content-Type": "text/html; charset=utf-8"}},
		"a page of the app":    {path: "/console/campaigns/shoes?tab=1", status: 200, body: "<!doctype html>console"},
		"another app":          {path: "/shopper/", status: 200, body: "<!doctype html>shopper"},
		"no page of an app":    {path: "/shopper/nowhere", status: 404, want: map[string]string{"Content-Type": "text/plain; charset=utf-8"}},
		"no page, and a look":  {path: "/shopper/nowhere", header: map[string]string{"Accept": browser}, status: 404, want: map[string]string{"Content-Type": "text/html; charset=utf-8", "Content-Language": "en"}},
		"nothing there":        {path: "/nowhere", header: map[string]string{"Accept": browser, "Accept-Language": "nl-NL,nl;q=0.9,en;q=0.8"}, status: 404, want: map[string]string{"Content-Type": "text/html; charset=utf-8", "Content-Language": "nl"}},
		"right to left":        {path: "/nowhere", header: map[string]string{"Accept": browser, "Accept-Language": "ar"}, status: 404, want: map[string]string{"Content-Language": "ar"}},
		"a language of others": {path: "/nowhere", header: map[string]string{"Accept": browser, "Accept-Language": "fr-FR"}, status: 404, want: map[string]string{"Content-Language": "en"}},
		"not for programs":     {path: "/nowhere", header: map[string]string{"Accept": "*/*"}, status: 404, body: "Cannot GET /nowhere"},
		"what comes later":     {path: "/later", header: map[string]string{"Accept": browser}, status: 202},
		"an asset":             {path: asset, status: 200, want: map[string]string{"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": "text/javascript; charset=utf-8", "Vary": "Accept-Encoding", "Content-Encoding": ""}},
		"packed":               {path: asset, header: map[string]string{"Accept-Encoding": "gzip, deflate, br"}, status: 200, body: "brotli", want: map[string]string{"Content-Encoding": "br"}},
		"packed the old way":   {path: asset, header: map[string]string{"Accept-Encoding": "gzip"}, status: 200, body: "gzip", want: map[string]string{"Content-Encoding": "gzip"}},
		"not brotli, please":   {path: asset, header: map[string]string{"Accept-Encoding": "br;q=0, gzip"}, status: 200, body: "gzip"},
		"a missing asset":      {path: "/console/assets/index-gone.js", status: 404, want: map[string]string{"Content-Type": "text/plain; charset=utf-8"}},
		"a missing file":       {path: "/console/gone.png", status: 404},
		"a service worker":     {path: "/shopper/sw.js", status: 200, want: map[string]string{"Cache-Control": "no-cache"}},
		"a manifest":           {path: "/shopper/manifest.webmanifest", status: 200, want: map[string]string{"Content-Type": "application/manifest+json"}},
		"not built":            {path: "/staff/", status: 503},
		"out of its folder":    {path: "/console/../shopper/sw.js", status: 404},
		"escaped out of it":    {path: "/console/%2e%2e/shopper/sw.js", status: 404},
		"the program's source": {path: "/console/../../apps.go", status: 404},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			req := httptest.NewRequest("GET", test.path, nil)
			for k, v := range test.header {
				req.Header.Set(k, v)
			}
			resp, err := app.Test(req)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != test.status || test.body != "" && string(body) != test.body {
				t.Errorf("got %d %q, want %d %q", resp.StatusCode, body, test.status, test.body)
			}
			for k, want := range test.want {
				if got := resp.Header.Get(k); got != want {
					t.Errorf("%s: %q, want %q", k, got, want)
				}
			}
			if resp.StatusCode == 200 && !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
				t.Error("no content security policy")
			}
		})
	}
}

func TestUnchanged(t *testing.T) {
	a, err := From(built())
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New()
	a.Routes(app)
	first, err := app.Test(httptest.NewRequest("GET", "/console/", nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, etag := range []string{first.Header.Get("ETag"), "W/" + first.Header.Get("ETag"), `"other", ` + first.Header.Get("ETag")} {
		again := httptest.NewRequest("GET", "/console/", nil)
		again.Header.Set("If-None-Match", etag)
		second, err := app.Test(again)
		if err != nil {
			t.Fatal(err)
		}
		if second.StatusCode != 304 || second.ContentLength > 0 {
			t.Errorf("with %s: %d, want 304", etag, second.StatusCode)
		}
	}
}

func TestLoad(t *testing.T) {
	if _, err := Load(); err != nil {
		t.Errorf("what is built in cannot be served: %v", err)
	}
}
