package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/config"
)

type settings struct {
	Listen string     `yaml:"listen"`
	Key    string     `yaml:"key"`
	Log    config.Log `yaml:"log"`
}

func TestLoad(t *testing.T) {
	t.Setenv("AISLE_TEST_KEY", "from the environment")
	tests := []struct {
		name, yaml string
		want       settings
		wrong      string // part of the error
	}{
		{"empty", "", settings{}, ""},
		{"only a comment", "# nothing\n", settings{}, ""},
		{"environment", "listen: x\nkey: ${env:AISLE_TEST_KEY}\n", settings{Listen: "x", Key: "from the environment"}, ""},
		{"unset environment", "key: ${env:AISLE_TEST_NOT_SET}${env:AISLE_TEST_NOR_THIS}\n", settings{}, "AISLE_TEST_NOT_SET, AISLE_TEST_NOR_THIS"},
		{"unknown key", "listne: x\n", settings{}, "listne"},
		{"unknown key inside", "log:\n  loud: info\n", settings{}, "loud"},
		{"wrong type", "listen: [x]\n", settings{}, "listen"},
		{"no YAML", "listen: {", settings{}, "config.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.yaml")
			if err := os.WriteFile(path, []byte(tt.yaml), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := config.Load[settings](path)
			if tt.wrong != "" {
				if !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), tt.wrong) {
					t.Errorf("got %v, want ErrInvalid with %q", err, tt.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("no file", func(t *testing.T) {
		if got, err := config.Load[settings](""); err != nil || got != (settings{}) {
			t.Errorf("got %+v, %v; want the zero settings", got, err)
		}
		if _, err := config.Load[settings](filepath.Join(t.TempDir(), "no.yaml")); !errors.Is(err, offers.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	})
}

func TestLog(t *testing.T) {
	tests := []struct {
		name  string
		log   config.Log
		wrong string
		want  string // part of what is written of a debug, an info and a warning
	}{
		{"zero", config.Log{}, "", "level=INFO msg=i\n|level=WARN msg=w\n"},
		{"debug", config.Log{Level: "debug", Format: "text"}, "", "level=DEBUG msg=d\n|level=INFO msg=i\n|level=WARN msg=w\n"},
		{"warnings as JSON", config.Log{Level: "warn", Format: "json"}, "", `"level":"WARN","msg":"w"}` + "\n"},
		{"no level", config.Log{Level: "loud"}, "debug, info, warn, error", ""},
		{"no format", config.Log{Format: "xml"}, "text or json", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.log.Validate()
			if tt.wrong != "" {
				if !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), tt.wrong) {
					t.Errorf("got %v, want ErrInvalid with %q", err, tt.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			logger := tt.log.Logger(&out)
			logger.Debug("d")
			logger.Info("i")
			logger.Warn("w")
			lines, wants := strings.SplitAfter(out.String(), "\n"), strings.Split(tt.want, "|")
			if len(lines)-1 != len(wants) {
				t.Fatalf("written:\n%swant %d lines", out.String(), len(wants))
			}
			for i, want := range wants {
				if !strings.HasSuffix(lines[i], want) {
					t.Errorf("line %d is %q, want an end of %q", i, lines[i], want)
				}
			}
		})
	}
}
