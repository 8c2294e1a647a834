//go:build gocv

package main

import (
	"bytes"
	"embed"
	"net/http"
	"path"
	"time"
)

// page turns a tablet into a camera: a plain page without a framework, because
// it also comes from machines beside the cameras that serve nothing else.
//
//go:embed page
var page embed.FS

// pageFile serves one file of the page. Its address is secret behind the "#"
// only, which browsers send to nobody.
func pageFile(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b, err := page.ReadFile(path.Join("page", name))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' blob: mediastream:; base-uri 'none'; frame-ancestors 'none'")
		h.Set("Permissions-Policy", "camera=(self), microphone=()")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
	}
}
