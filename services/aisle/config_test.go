package main

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"aisle/services/config"
)

func TestConfigSaysWhatIsWrong(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"unknown key", "listne: x\n", "listne"},
		{"unknown key inside", "decider:\n  lane: 2\n", "lane"},
		{"wrong type", "decider:\n  lanes: many\n", "lanes"},
		{"unset environment", "secrets:\n  edge: ${env:AISLE_TEST_NOT_SET}\n", "AISLE_TEST_NOT_SET"},
		{"target", "target: deciders\n", "one of all"},
		{"embedded part of one process", "target: decider\n", "-stream=URL"},
		{"public address", "public_url: shop.example\n", "https://"},
		{"short secret", "secrets:\n  edge: abc\n", "64 hexadecimal digits"},
		{"log level", "log:\n  level: loud\n", "debug, info"},
		{"section", "notifier:\n  sms: pigeon\n", "sandbox or twilio"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := config.Parse[Config]("test.yaml", []byte(tt.yaml))
			if err == nil {
				err = c.check()
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestZeroConfigWorks(t *testing.T) {
	c, err := config.Parse[Config]("empty.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.check(); err != nil {
		t.Error(err)
	}
}

// TestConfigIsDocumented holds docs/config.md to the keys that there are.
func TestConfigIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys("", reflect.TypeFor[Config]()) {
		if !strings.Contains(string(doc), "`"+key+"`") {
			t.Errorf("docs/config.md does not explain `%s`", key)
		}
	}
}

// keys are the leaves of a configuration's type, by the path of their keys.
func keys(prefix string, t reflect.Type) []string {
	var all []string
	for f := range t.Fields() {
		name, ok := f.Tag.Lookup("yaml")
		if !ok || name == "-" {
			continue
		}
		if f.Type.Kind() == reflect.Struct {
			all = append(all, keys(prefix+name+".", f.Type)...)
			continue
		}
		all = append(all, prefix+name)
	}
	return all
}
