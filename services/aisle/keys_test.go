package main

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"aisle/services/catalog"
	"aisle/services/config"
)

// Who opens which of the doors that programs come in by.
var (
	writers = []string{"website", "till", "events"} // write what shoppers did
	askers  = []string{"website", "till", "decide"} // ask for offers
	tills   = []string{"till", "redeem", "edge"}    // redeem codes
	edge    = []string{"edge"}                      // the house's own devices
	nobody  = []string{}                            // who comes by a key: shoppers have a token, Twilio signs
)

// opens is who may use which door of /v1. One that is not here fails the test: who
// adds one has to say who may use it.
var opens = map[string][]string{
	"POST /v1/decide": askers,
	"POST /v1/events": append([]string{"nobody"}, writers...), // CloudEvents have no key, unless collector.require_key
	"POST /v1/batch":  writers, "POST /v1/b": writers, "POST /v1/import": writers,
	"POST /v1/track": writers, "POST /v1/t": writers, "POST /v1/identify": writers, "POST /v1/i": writers,
	"POST /v1/page": writers, "POST /v1/p": writers, "POST /v1/screen": writers, "POST /v1/s": writers,
	"POST /v1/group": writers, "POST /v1/g": writers, "POST /v1/alias": writers, "POST /v1/a": writers,
	"POST /v1/merge": writers, "POST /v1/webhook": writers,
	"POST /v1/feeds/:name": writers, "GET /v1/feeds/:name": writers,
	"POST /v1/readings": edge, "POST /v1/sightings": edge, "POST /v1/health": edge, "POST /v1/enrolments": edge, "GET /v1/gallery": edge,
	"POST /v1/redemptions": tills, "POST /v1/redemptions/undo": tills,
	"POST /v1/check-ins": nobody, "POST /v1/twilio/status": nobody, "POST /v1/twilio/inbound": nobody,
}

// TestWhoMayNotByKey tries every door of /v1 with every key that there is: of
// sources, of programs with each scope, of the house's devices; with those that
// hold no longer, and without any. No page of a site that is not listed reads an
// answer.
func TestWhoMayNotByKey(t *testing.T) {
	dir, err := os.MkdirTemp("", "aisle-keys-") //nolint:usetesting // a unix socket's name is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c, err := config.Parse[Config]("test.yaml", fmt.Appendf(nil, "listen: 127.0.0.1:0\ndata: %s\nsecrets: {edge: %s}\nbeacons: {mqtt: 'off'}\nvision: {off: true}\n", dir, edgeKey))
	if err == nil {
		err = c.check()
	}
	if err != nil {
		t.Fatal(err)
	}
	h, err := open(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})

	bearer := func(key string) string { return "Bearer " + key }
	visitors := map[string]string{"nobody": "", "edge": bearer(edgeKey), "a wrong key": bearer("wk_wrong"), "a wrong program": bearer(catalog.APIKeyPrefix + "wrong")}
	for _, kind := range []string{"website", "till"} {
		s, err := h.catalog.AddSource(t.Context(), catalog.Source{Name: kind, Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		visitors[kind] = "Basic " + base64.StdEncoding.EncodeToString([]byte(s.Key+":"))
	}
	program := func(name string, k catalog.APIKey) catalog.APIKey {
		t.Helper()
		k.Name = name
		made, key, err := h.catalog.AddAPIKey(t.Context(), k, catalog.By{Name: "Test"})
		if err != nil {
			t.Fatal(err)
		}
		visitors[name] = bearer(key)
		return made
	}
	for _, scope := range catalog.Scopes {
		program(string(scope), catalog.APIKey{Scopes: []catalog.Scope{scope}})
	}
	program("all, whose time is over", catalog.APIKey{Scopes: catalog.Scopes, Expires: time.Now().Add(-time.Minute)})
	revoked := program("all, revoked", catalog.APIKey{Scopes: catalog.Scopes})
	if err := h.catalog.RevokeAPIKey(t.Context(), revoked.ID, catalog.By{Name: "Test"}); err != nil {
		t.Fatal(err)
	}

	// Bodies that are a call, so that it is the key that is asked for, and empty
	// of anything that would be kept.
	bodies := map[string]string{"batch": `{"batch":[{}]}`, "b": `{"batch":[{}]}`, "import": `{"batch":[{}]}`}
	tried := map[string]bool{}
	for _, r := range h.app.GetRoutes(true) {
		door := r.Method + " " + r.Path
		if !strings.HasPrefix(r.Path, "/v1/") || r.Method == http.MethodHead || r.Method == http.MethodOptions || tried[door] ||
			r.Path == "/v1/projects/:key/settings" { // what a page asks before it has sent a key: it is in the address
			continue
		}
		tried[door] = true
		may, known := opens[door]
		if !known {
			t.Errorf("%s: the test does not know who may use it", door)
			continue
		}
		t.Run(door, func(t *testing.T) {
			body := bodies[strings.TrimPrefix(r.Path, "/v1/")]
			if body == "" {
				body = "{}"
			}
			for who, authorization := range visitors {
				req := httptest.NewRequest(r.Method, strings.ReplaceAll(r.Path, ":name", "none"), strings.NewReader(body))
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Origin", "https://elsewhere.example")
				if authorization != "" {
					req.Header.Set("Authorization", authorization)
				}
				resp, err := h.app.Test(req, -1)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				let := resp.StatusCode != http.StatusUnauthorized
				if strings.HasPrefix(r.Path, "/v1/twilio/") {
					let = resp.StatusCode != http.StatusForbidden
				}
				if want := slices.Contains(may, who); let != want {
					t.Errorf("%s: %d, and may: %t", who, resp.StatusCode, want)
				}
				if origin := resp.Header.Get("Access-Control-Allow-Origin"); origin != "" {
					t.Errorf("%s: a page of another site may read the answer: %q", who, origin)
				}
			}
		})
	}
	for door := range opens {
		if !tried[door] {
			t.Errorf("%s: there is no such door", door)
		}
	}
}
