package catalog_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/catalog/catalogtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSQLite(t *testing.T) {
	catalogtest.Run(t, func(t *testing.T) *catalog.Catalog {
		return open(t, catalog.Config{Dir: dirOf(t)})
	})
}

// TestPostgres runs the suite on a real PostgreSQL, whose address is in
// AISLE_TEST_POSTGRES; each test has a schema of its own there.
func TestPostgres(t *testing.T) {
	at := os.Getenv("AISLE_TEST_POSTGRES")
	if at == "" {
		t.Skip("SKIPPED: no AISLE_TEST_POSTGRES, so nothing was checked on a real PostgreSQL")
	}
	catalogtest.Run(t, func(t *testing.T) *catalog.Catalog {
		return open(t, catalog.Config{URL: schemaOf(t, at)})
	})
}

func open(t *testing.T, config catalog.Config) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// perTest remembers what belongs to a test, so that opening twice within it
// opens the same.
var perTest sync.Map

func dirOf(t *testing.T) string {
	dir, loaded := perTest.LoadOrStore(t.Name(), t.TempDir())
	if !loaded {
		t.Cleanup(func() { perTest.Delete(t.Name()) })
	}
	return dir.(string)
}

func schemaOf(t *testing.T, at string) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	schema, loaded := perTest.LoadOrStore(t.Name(), fmt.Sprintf("test_%d", time.Now().UnixNano()))
	if !loaded {
		db, err := sql.Open("pgx", at)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("CREATE SCHEMA " + schema.(string)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if _, err := db.Exec("DROP SCHEMA " + schema.(string) + " CASCADE"); err != nil {
				t.Error(err)
			}
			db.Close()
			perTest.Delete(t.Name())
		})
	}
	query := u.Query()
	query.Set("search_path", schema.(string))
	u.RawQuery = query.Encode()
	return u.String()
}

func TestOpenRefuses(t *testing.T) {
	tests := map[string]struct {
		config catalog.Config
		want   error
	}{
		"nothing":            {catalog.Config{}, offers.ErrInvalid},
		"another scheme":     {catalog.Config{URL: "mysql://localhost/x"}, offers.ErrInvalid},
		"no path":            {catalog.Config{URL: "sqlite:"}, offers.ErrInvalid},
		"a folder not there": {catalog.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "no", "x.db")}, offers.ErrUnavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := catalog.Open(t.Context(), test.config)
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if c != nil {
				c.Close()
			}
		})
	}
}

func TestOpenRefusesANewerSchema(t *testing.T) {
	dir := t.TempDir()
	open(t, catalog.Config{Dir: dir})
	db, err := sql.Open("sqlite", filepath.Join(dir, "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO schema_version VALUES (9999)"); err != nil {
		t.Fatal(err)
	}
	if _, err := catalog.Open(t.Context(), catalog.Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "newer aisle") {
		t.Errorf("got %v, want to be told to run a newer aisle", err)
	}
}

func TestSecretsOfTheConfigWin(t *testing.T) {
	c := open(t, catalog.Config{Dir: t.TempDir(), Secrets: catalog.Secrets{Edge: []byte("edge key of the config")}})
	got, err := c.Secrets(t.Context())
	if err != nil || string(got.Edge) != "edge key of the config" || len(got.Seal) != 32 {
		t.Errorf("edge %q, seal of %d bytes, %v", got.Edge, len(got.Seal), err)
	}
}

func TestTokens(t *testing.T) {
	now := time.Date(2026, 9, 20, 12, 0, 0, 0, time.UTC)
	key := []byte("0123456789abcdef0123456789abcdef")
	token := catalog.SignToken(key, catalog.TokenLink, "s.1.x", now.Add(time.Hour))
	tests := map[string]struct {
		key     []byte
		purpose string
		token   string
		now     time.Time
		want    offers.ShopperID
	}{
		"as signed":            {key, catalog.TokenLink, token, now, "s.1.x"},
		"a second before":      {key, catalog.TokenLink, token, now.Add(time.Hour - time.Second), "s.1.x"},
		"its time is over":     {key, catalog.TokenLink, token, now.Add(time.Hour), ""},
		"another key":          {[]byte("another key"), catalog.TokenLink, token, now, ""},
		"another purpose":      {key, catalog.TokenEnrol, token, now, ""},
		"changed":              {key, catalog.TokenLink, "x" + token, now, ""},
		"its end cut off":      {key, catalog.TokenLink, token[:len(token)-1], now, ""},
		"without a signature":  {key, catalog.TokenLink, strings.Split(token, ".")[0] + ".", now, ""},
		"empty":                {key, catalog.TokenLink, "", now, ""},
		"only a dot":           {key, catalog.TokenLink, ".", now, ""},
		"signed without a dot": {key, catalog.TokenLink, "cw.AAAA", now, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := catalog.OpenToken(test.key, test.purpose, test.token, test.now)
			if got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
			if err != nil && !errors.Is(err, offers.ErrDenied) {
				t.Errorf("got %v, want ErrDenied", err)
			}
		})
	}
}

func TestSketch(t *testing.T) {
	var s catalog.Sketch
	if s.QuantileMs(.5) != 0 {
		t.Error("an empty sketch has a median")
	}
	for ms := 1; ms <= 1000; ms++ {
		s.Add(time.Duration(ms) * time.Millisecond)
	}
	for q, want := range map[float64]float64{.5: 500, .95: 950, .99: 990} {
		if got := s.QuantileMs(q); math.Abs(got-want) > .026*want {
			t.Errorf("q %.2f is %.1f ms, want %.0f within 2.6 %%", q, got, want)
		}
	}
	s.Add(-time.Second)
	s.Add(math.MaxInt64)
	body, _ := s.AppendBinary(nil)
	var again catalog.Sketch
	if err := again.UnmarshalBinary(body); err != nil || again.Count() != 1002 || again.QuantileMs(.5) != s.QuantileMs(.5) {
		t.Errorf("read again: %d counted, %v", again.Count(), err)
	}
	if err := again.UnmarshalBinary(body[:len(body)-1]); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("truncated: %v, want ErrInvalid", err)
	}
}

func FuzzOpenToken(f *testing.F) {
	key := []byte("key")
	f.Add(catalog.SignToken(key, "link", "s1", time.Unix(9e9, 0)))
	f.Add("a.b")
	f.Fuzz(func(t *testing.T, token string) {
		if got, err := catalog.OpenToken([]byte("another key"), "link", token, time.Unix(0, 0)); err == nil {
			t.Errorf("opened %q as %q", token, got)
		}
	})
}

func TestRoles(t *testing.T) {
	for _, test := range []struct {
		role, other catalog.Role
		want        bool
	}{
		{catalog.RoleAdmin, catalog.RoleMarketer, true},
		{catalog.RoleStaff, catalog.RoleStaff, true},
		{catalog.RoleStaff, catalog.RoleMarketer, false},
		{"", catalog.RoleViewer, false},
		{catalog.RoleAdmin, "", false},
		{"owner", "owner", false},
	} {
		if got := test.role.Includes(test.other); got != test.want {
			t.Errorf("%q includes %q: %t, want %t", test.role, test.other, got, test.want)
		}
	}
}
