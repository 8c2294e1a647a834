package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aisle/offers"
)

func TestModelsAreFetchedWholeOrNotAtAll(t *testing.T) {
	good := bytes.Repeat([]byte("a net of nobody "), 5000)
	sum := sha256.Sum256(good)
	serve := func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "m", time.Time{}, bytes.NewReader(good))
	}
	breakOff := func(w http.ResponseWriter, after []byte) {
		w.Header().Set("Content-Length", "80000")
		_, _ = w.Write(after)
		panic(http.ErrAbortHandler)
	}
	tests := map[string]struct {
		first   func(w http.ResponseWriter, r *http.Request) // answers the first request
		then    func(w http.ResponseWriter, r *http.Request) // and the others
		part    []byte                                       // of an earlier time
		want    error
		says    string
		ranges  string // of the last request
		request int
	}{
		"all is well":     {first: serve, request: 1},
		"another file":    {first: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.ToUpper(good)) }, want: offers.ErrInvalid, says: "nothing was kept", request: 1},
		"a page of words": {first: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>sign in</html>")) }, want: offers.ErrInvalid, says: "it has 20 bytes", request: 1},
		"too long":        {first: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(append(bytes.Clone(good), 1)) }, want: offers.ErrInvalid, says: "more than", request: 1},
		"endless": {first: func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			for range 9 {
				_, _ = w.Write(good)
			}
		}, want: offers.ErrInvalid, says: "more than", request: 1},
		"not there":        {first: http.NotFound, want: offers.ErrNotFound, says: "404", request: 1},
		"cut short once":   {first: func(w http.ResponseWriter, _ *http.Request) { breakOff(w, good[:30000]) }, then: serve, ranges: "bytes=30000-", request: 2},
		"cut short always": {first: func(w http.ResponseWriter, _ *http.Request) { breakOff(w, nil) }, want: offers.ErrUnavailable, says: "put it at", request: 3},
		"busy once":        {first: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, then: serve, request: 2},
		"goes on":          {first: serve, part: good[:50000], ranges: "bytes=50000-", request: 1},
		"goes on wrongly":  {first: serve, part: bytes.ToUpper(good[:50000]), ranges: "bytes=50000-", want: offers.ErrInvalid, says: "nothing was kept", request: 1},
		"knows no ranges":  {first: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(good) }, part: good[:50000], ranges: "bytes=50000-", request: 1},
		"all but the name": {part: good, request: 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			requests, ranges := 0, ""
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				ranges = r.Header.Get("Range")
				if requests > 1 && test.then != nil {
					test.then(w, r)
					return
				}
				test.first(w, r)
			}))
			defer server.Close()
			dir := t.TempDir()
			m := model{name: "m", file: "m.onnx", bytes: int64(len(good)), sha256: hex.EncodeToString(sum[:]), urls: []string{server.URL}, config: "detector:\n  kind: m\n", scraped: true}
			path := filepath.Join(dir, m.file)
			if test.part != nil {
				if err := os.WriteFile(path+".part", test.part, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var out strings.Builder
			s := newModelStore(dir, &out)
			s.patience = time.Millisecond
			err := s.fetch(t.Context(), []model{m})
			if !errors.Is(err, test.want) || test.want != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %v with %q", err, test.want, test.says)
			}
			if requests != test.request || ranges != test.ranges {
				t.Errorf("%d requests, the last for %q; want %d and %q", requests, ranges, test.request, test.ranges)
			}
			got, readErr := os.ReadFile(path)
			if test.want != nil {
				if readErr == nil {
					t.Errorf("%d bytes were kept", len(got))
				}
				return
			}
			if !bytes.Equal(got, good) {
				t.Errorf("%d bytes, not the model's %d: %v", len(got), len(good), readErr)
			}
			for _, want := range []string{"kind: m\n  path: " + path + "\n  sha256: " + m.sha256, "gathered from the web"} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("it says %q, want %q in it", out.String(), want)
				}
			}
			server.Close() // it is here now: nobody is asked again
			if err := s.fetch(t.Context(), []model{m}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNoNetworkIsSaidInWords(t *testing.T) {
	dir := t.TempDir()
	s := newModelStore(dir, &strings.Builder{})
	s.patience = time.Millisecond
	m := model{name: "m", file: "m.onnx", bytes: 1, sha256: "ab", urls: []string{"http://127.0.0.1:1/m"}}
	err := s.fetch(t.Context(), []model{m})
	if !errors.Is(err, offers.ErrUnavailable) || !strings.Contains(err.Error(), "Without a network: fetch the file elsewhere and put it at "+filepath.Join(dir, "m.onnx")) {
		t.Errorf("got %v", err)
	}
}

func TestModelsThatAreChosen(t *testing.T) {
	for name, test := range map[string]struct {
		names []string
		from  string
		want  int
		err   error
	}{
		"none named":    {nil, "", 2, nil},
		"one":           {[]string{"sface"}, "", 1, nil},
		"from a mirror": {[]string{"sface"}, "http://mirror", 1, nil},
		"unknown":       {[]string{"facenet"}, "", 0, offers.ErrNotFound},
		"from for two":  {nil, "http://mirror", 0, offers.ErrInvalid},
	} {
		got, err := chooseModels(knownModels, test.names, test.from)
		if len(got) != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: %d models, %v; want %d, %v", name, len(got), err, test.want, test.err)
		}
		if test.from != "" && err == nil && (got[0].urls[0] != test.from || knownModels[2].urls[0] == test.from) {
			t.Errorf("%s: from %v", name, got[0].urls)
		}
	}
}

func TestModelsAreListed(t *testing.T) {
	var out strings.Builder
	if err := listModels(&out, knownModels, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	for _, m := range knownModels {
		if !strings.Contains(out.String(), m.name) || len(m.sha256) != 64 {
			t.Errorf("%s is missing or has no sum: %s", m.name, out.String())
		}
	}
}
