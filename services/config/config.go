// Package config reads what a process is set up by: a YAML file that need not be
// there, with secrets from the environment.
//
// Its rules: the empty file works. A key that nothing reads is an error, as a
// setting that is misspelt would be lost in silence. ${env:NAME} stands for a
// variable of the environment, which must be set, so that secrets need not stand
// in the file.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"

	"aisle/offers"
)

// Load reads a file. Without a path it is the zero T.
//
// Errors: ErrNotFound, or ErrInvalid with the place in the file.
func Load[T any](path string) (c T, err error) {
	if path == "" {
		return c, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return c, fmt.Errorf("config: %w: %w", offers.ErrNotFound, err)
	}
	return Parse[T](path, raw)
}

// Parse reads the content of a file of that name.
func Parse[T any](name string, raw []byte) (c T, err error) {
	text, err := Expand(string(raw))
	if err != nil {
		return c, fmt.Errorf("config: %s: %w", name, err)
	}
	err = yaml.NewDecoder(bytes.NewReader([]byte(text)), yaml.Strict()).Decode(&c)
	if err != nil && !errors.Is(err, io.EOF) {
		return c, fmt.Errorf("config: %s: %w:\n%s", name, offers.ErrInvalid, yaml.FormatError(err, false, true))
	}
	return c, nil
}

var envRef = regexp.MustCompile(`\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}`)

// Expand puts in what stands in the environment.
func Expand(text string) (string, error) {
	var missing []string
	text = envRef.ReplaceAllStringFunc(text, func(ref string) string {
		name := envRef.FindStringSubmatch(ref)[1]
		value, ok := os.LookupEnv(name)
		if !ok {
			missing = append(missing, name)
		}
		return value
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("%w: not set in the environment: %s", offers.ErrInvalid, strings.Join(missing, ", "))
	}
	return text, nil
}

// Default sets what was not set.
func Default[T comparable](setting *T, value T) {
	var unset T
	if *setting == unset {
		*setting = value
	}
}

// Log says how a process writes its log. The zero Log is text, from info up.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn, error; default info
	Format string `yaml:"format"` // text or json; default text
}

// Validate says what is wrong with a Log.
func (l Log) Validate() error {
	var wrong []error
	if _, ok := l.level(); !ok {
		wrong = append(wrong, fmt.Errorf("%w: log.level %q: one of debug, info, warn, error", offers.ErrInvalid, l.Level))
	}
	if l.Format != "" && l.Format != "text" && l.Format != "json" {
		wrong = append(wrong, fmt.Errorf("%w: log.format %q: text or json", offers.ErrInvalid, l.Format))
	}
	return errors.Join(wrong...)
}

func (l Log) level() (level slog.Level, ok bool) {
	return level, l.Level == "" || level.UnmarshalText([]byte(l.Level)) == nil
}

// Logger writes to w.
func (l Log) Logger(w io.Writer) *slog.Logger {
	level, _ := l.level()
	options := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
