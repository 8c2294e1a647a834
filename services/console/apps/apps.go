// Package apps is the shop window: it serves the three web apps, as `make web`
// built them, out of the program itself.
//
// Files with a hash in their name never change and are kept for a year, all
// others are asked for each time and answered by their ETag. A path without a
// file is the app's own page, if it has one there, but a missing asset is a 404:
// HTML in place of a script would break an app that was open while the program
// was replaced.
package apps

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// The built apps lie in dist, which is not kept in the repository. The pattern
// takes this file too, so that the program also builds where there is no dist.
//
//go:embed all:*
var embedded embed.FS

// names are the apps, each under a path of its own.
var names = []string{"console", "staff", "shopper"}

// pages are the other addresses that an app has. Of the console they are many,
// and it says itself which it has not.
var pages = map[string][]string{"staff": {"/scan"}, "shopper": {}}

// Apps are the three apps. They do not change, and are safe for concurrent use.
type Apps struct {
	files map[string]*file // by path: "console/assets/index-1a2b.js"
}

type file struct {
	kind      string
	body      []byte
	encoded   map[string][]byte // by content coding: br, gzip
	etag      string
	immutable bool
}

// Load takes the apps that are built into the program.
func Load() (*Apps, error) {
	if _, err := fs.Stat(embedded, "dist"); err != nil {
		return &Apps{}, nil //nolint:nilerr // nothing is built: each app's page says so
	}
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		return nil, err
	}
	return From(dist)
}

// From takes the apps of a folder.
func From(dist fs.FS) (*Apps, error) {
	a := &Apps{files: map[string]*file{}}
	err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if _, ok := encodingOf(name); ok {
			return nil // belongs to its sibling
		}
		body, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		f := &file{
			kind: kindOf(name), body: body, encoded: map[string][]byte{},
			etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`, immutable: hashed.MatchString(name),
		}
		for suffix, encoding := range encodings {
			if packed, err := fs.ReadFile(dist, name+suffix); err == nil && len(packed) < len(body) {
				f.encoded[encoding] = packed
			}
		}
		a.files[name] = f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("apps: %w", err)
	}
	return a, nil
}

// hashed is a file that a change would give another name.
var hashed = regexp.MustCompile(`/assets/.+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$`)

// encodings are the suffixes of siblings that are packed already.
var encodings = map[string]string{".br": "br", ".gz": "gzip"}

func encodingOf(name string) (string, bool) {
	encoding, ok := encodings[path.Ext(name)]
	return encoding, ok
}

// kindOf is a file's media type. What the system says of a suffix differs from
// machine to machine, so those that matter are here.
func kindOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".woff2":
		return "font/woff2"
	case ".wasm":
		return "application/wasm"
	default:
		if kind := mime.TypeByExtension(ext); kind != "" {
			return kind
		}
		return "application/octet-stream"
	}
}

// Routes puts the apps into a listener, the way to them at /, and a page for who
// looks where nothing is.
func (a *Apps) Routes(r fiber.Router) {
	r.Use(lost)
	r.Get("/", func(c *fiber.Ctx) error { return c.Redirect("/console/", fiber.StatusFound) })
	for _, name := range names {
		serve := func(c *fiber.Ctx) error {
			if c.Path() == "/"+name { // the router takes it for the one with a slash
				return c.Redirect("/"+name+"/", fiber.StatusMovedPermanently)
			}
			return a.serve(c, name)
		}
		r.Get("/"+name, serve)
		r.Get("/"+name+"/*", serve)
	}
}

func (a *Apps) serve(c *fiber.Ctx, app string) error {
	secure(c)
	page := a.files[app+"/index.html"]
	if page == nil {
		return notBuilt(c)
	}
	at := path.Clean("/" + c.Params("*"))
	f := a.files[app+at]
	if f == nil {
		// Only what looks like a page of the app is one.
		known, few := pages[app]
		if strings.HasPrefix(at, "/assets/") || path.Ext(at) != "" || few && at != "/" && !slices.Contains(known, at) {
			if wantsPage(c) {
				return tellLost(c)
			}
			c.Set(fiber.HeaderCacheControl, "no-store")
			return c.Status(fiber.StatusNotFound).SendString("There is no such file.\n")
		}
		f = page
	}
	if f.immutable {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	c.Set(fiber.HeaderETag, f.etag)
	c.Set(fiber.HeaderContentType, f.kind)
	if len(f.encoded) > 0 {
		c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	}
	if matches(c.Get(fiber.HeaderIfNoneMatch), f.etag) {
		return c.SendStatus(fiber.StatusNotModified)
	}
	accepted := c.Get(fiber.HeaderAcceptEncoding)
	for _, encoding := range []string{"br", "gzip"} {
		if packed, ok := f.encoded[encoding]; ok && accepts(accepted, encoding) {
			c.Set(fiber.HeaderContentEncoding, encoding)
			return c.Send(packed)
		}
	}
	return c.Send(f.body)
}

// matches tells whether a browser has the file already. Proxies that pack
// answers mark the ETag as weak.
func matches(header, etag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == etag || one == "*" {
			return true
		}
	}
	return false
}

// accepts tells whether a browser takes a content coding.
func accepts(header, encoding string) bool {
	for one := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(one, ";")
		weight = strings.ReplaceAll(weight, " ", "")
		if strings.TrimSpace(name) == encoding {
			return weight != "q=0" && weight != "q=0.0" && weight != "q=0.00" && weight != "q=0.000"
		}
	}
	return false
}

// policy lets an app load nothing from elsewhere and run nothing that is not a
// file of ours: a text that somebody smuggles into a page stays a text.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; " +
	"img-src 'self' data: blob:; media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func secure(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentSecurityPolicy, policy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	// Shoppers enrol their face, the console lends a browser's camera, staff read codes.
	c.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()")
}

func notBuilt(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Status(fiber.StatusServiceUnavailable).SendString(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Aisle</title>
<h1>The web apps are not built into this program</h1>
<p>Run <code>make run</code> in the repository: it builds them and starts the program again.</p>
`)
}
