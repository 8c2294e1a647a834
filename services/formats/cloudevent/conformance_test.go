package cloudevent

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"aisle/services/formats"
)

// The cases of https://github.com/cloudevents/conformance lie beside the work
// tree of those who have them.
const conformance = "../../../../shared/data/events/cloudevents-conformance"

// step is one line of a feature file, with the text or the table below it.
type step struct {
	line, text string
	table      [][]string
}

// scenarios reads as much of Gherkin as the cases are written in: outlines with
// one table of examples, texts between """ and tables.
func scenarios(t *testing.T, path string) map[string][]step {
	file, err := os.Open(path)
	if err != nil {
		t.Skip("the cases are not here: ", err)
	}
	defer file.Close()
	all, name, examples := map[string][]step{}, "", [][]string(nil)
	var steps []step
	flush := func() {
		switch {
		case len(steps) == 0:
		case len(examples) == 0:
			all[name] = steps
		default:
			for _, row := range examples[1:] {
				var pairs []string
				for i, column := range examples[0] {
					pairs = append(pairs, "<"+column+">", row[i])
				}
				r, filled := strings.NewReplacer(pairs...), make([]step, len(steps))
				for i, s := range steps {
					filled[i] = step{line: r.Replace(s.line), text: r.Replace(s.text)}
					for _, row := range s.table {
						filled[i].table = append(filled[i].table, strings.Split(r.Replace(strings.Join(row, "\x00")), "\x00"))
					}
				}
				all[r.Replace(name)] = filled
			}
		}
		steps, examples = nil, nil
	}
	inText, inExamples, indent := false, false, 0
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		raw := lines.Text()
		line := strings.TrimSpace(raw)
		last := len(steps) - 1
		switch {
		case line == `"""`:
			inText, indent = !inText, strings.Index(raw, `"""`)
		case inText:
			steps[last].text += raw[min(len(raw), indent):] + "\n"
		case strings.HasPrefix(line, "Scenario"):
			flush()
			_, name, _ = strings.Cut(line, ": ")
			inExamples = false
		case line == "Examples:":
			inExamples = true
		case strings.HasPrefix(line, "|"):
			var row []string
			for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
				row = append(row, strings.TrimSpace(cell))
			}
			if inExamples {
				examples = append(examples, row)
			} else {
				steps[last].table = append(steps[last].table, row)
			}
		case line == "", strings.HasPrefix(line, "@"), strings.HasPrefix(line, "Feature"), name == "":
		default:
			steps = append(steps, step{line: line})
		}
	}
	flush()
	if len(all) < 3 {
		t.Errorf("%d cases were read of %s, want at least one for each mode and content type", len(all), path)
	}
	return all
}

// attributes are the event's, by the names of the specification.
func (e *Event) attributes() map[string]string {
	all := map[string]string{}
	for name, value := range map[string]string{"id": e.ID, "specversion": e.SpecVersion, "type": e.Type, "source": e.Source,
		"time": e.Time, "subject": e.Subject, "datacontenttype": e.DataContentType, "dataschema": e.DataURI} {
		if value != "" {
			all[name] = value
		}
	}
	maps.Copy(all, e.Extensions)
	return all
}

func TestFeatures(t *testing.T) {
	for _, file := range []string{"http-protocol-binding.feature", "kafka-protocol-binding.feature"} {
		for name, steps := range scenarios(t, filepath.Join(conformance, "features", file)) {
			t.Run(file+"/"+name, func(t *testing.T) {
				var request *formats.Request
				headers, payload := map[string]string{}, []byte(nil)
				var e *Event
				checked := 0
				for _, s := range steps {
					switch {
					case strings.HasSuffix(s.line, "an HTTP request"):
						// The lengths of the cases are those of other line ends.
						var lines []string
						for line := range strings.SplitSeq(s.text, "\n") {
							if !strings.HasPrefix(line, "Content-Length") {
								lines = append(lines, line)
							}
						}
						head, body, _ := strings.Cut(strings.Join(lines, "\n"), "\n\n")
						r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n")))
						if err != nil {
							t.Fatal(err)
						}
						request = &formats.Request{Path: r.URL.Path, Header: map[string]string{}, Body: []byte(body)}
						for name := range r.Header {
							request.Header[strings.ToLower(name)] = r.Header.Get(name)
						}
					case strings.HasSuffix(s.line, "a Kafka message with payload:"):
						payload = []byte(s.text)
					case strings.HasSuffix(s.line, "Kafka headers:"):
						for _, row := range s.table[1:] {
							headers[row[0]] = row[1]
						}
					case strings.HasPrefix(s.line, "When parsed"):
						got, bad := FromKafka(headers, nil, payload)
						if request != nil {
							got, bad = FromHTTP(request)
						}
						if bad != nil {
							t.Fatal(bad)
						}
						e = got
					case strings.HasSuffix(s.line, "the attributes are:"):
						want := map[string]string{}
						for _, row := range s.table[1:] {
							want[row[0]] = row[1]
						}
						if diff := cmp.Diff(want, e.attributes()); diff != "" {
							t.Errorf("attributes (-want +got):\n%s", diff)
						}
						checked++
					case strings.HasSuffix(s.line, "the following JSON:"):
						if got, want := parsed(t, e.Data), parsed(t, []byte(s.text)); !cmp.Equal(got, want) {
							t.Errorf("data is %s, want %s", e.Data, s.text)
						}
						checked++
					default:
						t.Errorf("nobody knows how to do %q", s.line)
					}
				}
				if checked != 2 {
					t.Errorf("%d things were checked, want 2", checked)
				}
			})
		}
	}
}

func parsed(t *testing.T, b []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return v
}

// Each event of the conformance files, as it would be sent in either mode, is
// read as what it was.
func TestConformanceEvents(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(conformance, "yaml", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Skip("the cases are not here")
	}
	more, _ := filepath.Glob(filepath.Join(conformance, "yaml", "*", "*.yaml"))
	read := 0
	for _, file := range append(files, more...) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all := yaml.NewDecoder(bytes.NewReader(raw))
		for {
			var in struct {
				Mode       string `yaml:"Mode"`
				Attributes struct {
					SpecVersion     float64           `yaml:"specversion"`
					Type            string            `yaml:"type"`
					Time            string            `yaml:"time"`
					ID              string            `yaml:"id"`
					Source          string            `yaml:"source"`
					DataContentType string            `yaml:"datacontenttype"`
					Extensions      map[string]string `yaml:"Extensions"`
				} `yaml:"ContextAttributes"`
				Data string `yaml:"Data"`
			}
			if err := all.Decode(&in); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			a := in.Attributes
			if a.ID == "" {
				continue // what is behind the last separator
			}
			read++
			want := (&Event{SpecVersion: strconv.FormatFloat(a.SpecVersion, 'f', 1, 64), Type: a.Type, Time: a.Time, ID: a.ID, Source: a.Source,
				DataContentType: a.DataContentType, Extensions: a.Extensions}).attributes()
			modes := []string{"binary", "structured"}
			if in.Mode != "" {
				modes = []string{in.Mode}
			}
			for _, mode := range modes {
				got, bad := FromHTTP(conformanceRequest(t, mode, want, in.Data))
				if bad != nil {
					t.Errorf("%s, %s %s: %v", file, mode, want["id"], bad)
					continue
				}
				if diff := cmp.Diff(want, got.attributes()); diff != "" {
					t.Errorf("%s, %s (-want +got):\n%s", file, mode, diff)
				}
				if strings.TrimSpace(string(got.Data)) != strings.TrimSpace(in.Data) {
					t.Errorf("%s, %s: data is %q, want %q", file, mode, got.Data, in.Data)
				}
			}
		}
	}
	if read == 0 {
		t.Error("no event was read")
	}
	t.Logf("%d events of %d files", read, len(files)+len(more))
}

// conformanceRequest is an event in the given mode, as the conformance tool
// sends it.
func conformanceRequest(t *testing.T, mode string, attributes map[string]string, data string) *formats.Request {
	t.Helper()
	r := &formats.Request{Path: "/", Header: map[string]string{}}
	if mode == "binary" {
		for name, value := range attributes {
			if name == "datacontenttype" {
				r.Header["content-type"] = value
			} else {
				r.Header["ce-"+name] = value
			}
		}
		r.Body = []byte(data)
		return r
	}
	r.Header["content-type"] = "application/cloudevents+json"
	body := map[string]any{}
	for name, value := range attributes {
		body[name] = value
	}
	body["data"] = data
	if isJSON(attributes["datacontenttype"]) {
		body["data"] = json.RawMessage(data)
	}
	var err error
	if r.Body, err = json.Marshal(body); err != nil {
		t.Fatal(err)
	}
	return r
}
