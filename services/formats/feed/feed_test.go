package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/bots"
)

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnonymise(t *testing.T) {
	for text, want := range map[string]string{
		"203.0.113.7":                         "203.0.113.0",
		`203.0.113.7 - - "x"`:                 `203.0.113.0 - - "x"`,
		"a, 203.0.113.7, 2001:db8:1:2:3::4":   "a, 203.0.113.0, 2001:db8:1::",
		`{"ip":"203.0.113.7","v":"1.2.3"}`:    `{"ip":"203.0.113.0","v":"1.2.3"}`,
		"203.0.113.7:4711 x":                  "203.0.113.0:4711 x",
		"::ffff:203.0.113.7;b":                "::ffff:203.0.113.0;b",
		"[2001:db8:1:2:3::4]:80":              "[2001:db8:1::]:80",
		"at 10:05:03 on 2026.11.20.1":         "at 10:05:03 on 2026.11.20.1",
		"/v1.2.3.4/x jquery-1.2.3.4 1.2.3.4b": "/v1.2.3.4/x jquery-1.2.3.4 1.2.3.4b",
		"aa:bb:cc:dd:ee:ff":                   "aa:bb:cc:dd:ee:ff",
		"x\t198.51.100.200\ty":                "x\t198.51.100.0\ty",
		"1.2.3.4.5 999.1.1.1 :: .":            "1.2.3.4.5 999.1.1.1 :: .",
		"":                                    "",
	} {
		if got := string(Anonymise([]byte(text))); got != want {
			t.Errorf("Anonymise(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestAssets(t *testing.T) {
	for address, want := range map[string]bool{
		"/": false, "/shoes": false, "/shoes.html": false, "/shoes.php?id=7": false, "/p/1.5": false, "/presentations/logstash-1.1.9": false, "/s?q=a.png": false, "/blog/": false,
		"/a.png": true, "/A.JPG?v=2": true, "/x/style.css#top": true, "/feed": true, "/blog/feed/": true, "/blog/?flav=rss20": true, "/favicon.ico": true, "/robots.txt": true, "/app.js": true,
	} {
		if got := asset(address); got != want {
			t.Errorf("asset(%q) = %v", address, got)
		}
	}
}

func TestPropose(t *testing.T) {
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	repeat := func(f func(i int) string) string {
		var b strings.Builder
		for i := range 30 {
			b.WriteString(f(i) + "\n")
		}
		return b.String()
	}
	tests := []struct {
		name, sample, format, file string
		want, event, says          string
	}{
		{"combined", repeat(func(i int) string {
			return fmt.Sprintf(`198.51.100.%d - - [20/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "%s"`, i, firefox)
		}), "", "access.log", Access, "", "combined"},
		{"more fields", repeat(func(i int) string {
			return fmt.Sprintf(`198.51.100.%d - - [20/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "%s" "sid=1" 0.012`, i, firefox)
		}), "", "access.log", Access, "", "11 fields"},
		{"calls", repeat(func(i int) string {
			return fmt.Sprintf(`{"type":"track","event":"x","userId":"u%d","properties":{}}`, i)
		}), "", "a.jsonl", JSONL, "", "Segment"},
		{"objects", repeat(func(i int) string {
			return fmt.Sprintf(`{"event":"x","user_id":"u%d","time":"%s"}`, i, at.Format(time.RFC3339))
		}), "", "a.jsonl", JSONL, "", "time in time"},
		{"searches", repeat(func(i int) string {
			return fmt.Sprintf(`{"query":"x","user_id":"u%d","time":"%s"}`, i, at.Format(time.RFC3339))
		}), "", "a.jsonl", JSONL, "product_searched", ""},
		{"orders", "order_id,customer_id,date,total\n" + repeat(func(i int) string { return fmt.Sprintf("o%d,c%d,2026-11-%02d,5.5%d", i, i, i%28+1, i) }), "", "x.csv", Table, "order_completed", "titles"},
		{"a table of anything", "colour;customer_id;date\n" + repeat(func(i int) string { return fmt.Sprintf("red;c%d;2026-11-%02d", i, i%28+1) }), Table, "/tmp/Paint-Sold_2026.csv", Table, "paint_sold", ""},
		{"name=value", repeat(func(i int) string { return fmt.Sprintf(`at=%s user_id=u%d action=view`, at.Format(time.RFC3339), i) }), "", "a.log", Text, "", "name=value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Propose([]byte(tt.sample), tt.format, tt.file)
			must(t, err)
			if p.Format != tt.want || p.Event != tt.event || !strings.Contains(p.Says, tt.says) {
				t.Errorf("%s with event %q: %s", p.Format, p.Event, p.Says)
			}
			must(t, p.Check())
			b, err := json.Marshal(&p.Plan)
			must(t, err)
			again := new(Plan)
			must(t, json.Unmarshal(b, again))
			must(t, again.Check())
		})
	}
	for _, sample := range []string{"", "\n\n"} {
		if _, err := Propose([]byte(sample), "", "x"); err == nil {
			t.Errorf("%q: a proposal of nothing", sample)
		}
	}
	if _, err := Propose([]byte("a,b\n1,2\n"), "xml", "x"); err == nil {
		t.Error("a format that there is not")
	}
}

func TestPlanSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                             "format",
		`{"format":"table"}`:             "parser",
		`{"format":"text"}`:              "parser",
		`{"format":"jsonl","parser":{}}`: "version",
		`{"format":"access","fields":{"mood":"user"}}`:     "mood",
		`{"format":"access","fields":{"user":"eleventh"}}`: "extra1",
	} {
		p := new(Plan)
		must(t, json.Unmarshal([]byte(text), p))
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", text, err, want)
		}
	}
}

// TestRow reads a row whose fields have every role.
func TestRow(t *testing.T) {
	sample := "message_id,event,customer_id,email,phone,anonymous_id,event_time,sku,unit_price,colour\n"
	for i := range 20 {
		sample += fmt.Sprintf("m%d,View Item,c%d,m%d@example.com,+31 6 1234 56%02d,a%d,2026-11-20 10:00:%02d,s-%d,9.%02d,red\n", i, i, i, i, i, i, i, i)
	}
	p, err := Propose([]byte(sample), "", "views.csv")
	must(t, err)
	d, err := NewDecoder(&p.Plan, bots.New(0), nil)
	must(t, err)
	rows := strings.Split(sample, "\n")
	got := d.Read(&Head{File: "f", Name: "views.csv"}, &Record{At: 99, Line: 2, Text: []byte(rows[3])})
	if got.Bad != nil || got.Message == nil {
		t.Fatalf("%+v", got)
	}
	m := got.Message
	ids := []offers.Identifier{{Type: offers.Email, Value: "m2@example.com"}, {Type: offers.Phone, Value: "+31612345602"}}
	if m.MessageID != "m2" || m.UserID != "c2" || m.AnonymousID != "a2" || m.Event != "View Item" || m.Timestamp != "2026-11-20T10:00:02Z" || !slices.Equal(m.Identifiers, ids) {
		t.Errorf("message %+v", m)
	}
	var properties map[string]any
	must(t, json.Unmarshal(m.Properties, &properties))
	if diff := cmp.Diff([]string{"colour", "price", "product_id", "sku", "unit_price"}, slices.Sorted(maps.Keys(properties))); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	for text, reason := range map[string]offers.Reason{
		strings.Replace(rows[3], "2026-11-20 10:00:02", "tomorrow", 1): offers.ReasonClock,
		"\xff\xfe": offers.ReasonEncoding,
	} {
		got := d.Read(&Head{File: "f", Name: "views.csv"}, &Record{At: 99, Line: 7, Text: []byte(text)})
		if got.Bad == nil || got.Bad.Reason != reason || !strings.HasPrefix(got.Bad.Detail, "views.csv, line 7: ") || string(got.Bad.Body) != text {
			t.Errorf("%q: %+v, want %s", text, got.Bad, reason)
		}
	}
	if got := d.Read(&Head{}, &Record{Line: 1, Text: []byte(rows[0])}); got.Skip != SkipTitles {
		t.Errorf("titles: %+v", got)
	}
	if got := d.Read(&Head{}, &Record{At: 5, Text: bytes.Repeat([]byte("x"), formats.MaxEvent+1)}); got.Bad == nil || got.Bad.Reason != offers.ReasonSize {
		t.Errorf("too long: %+v", got)
	}
}

func TestBatchThereAndBack(t *testing.T) {
	p := &Plan{Format: Access, Shop: "centre"}
	b := &Batch{Head: Head{File: "f", Name: "a \"b\".log", From: 7, To: 99, Anew: true, Plan: p}, Records: []Record{
		{At: 7, Line: 1, Text: []byte("plain")}, {At: 13, Line: 2, Text: []byte("two\nlines \u2028 <&> \"\\")}, {At: 30, Line: 4, Text: []byte("\xff\xfe\x00")}, {At: 40, Line: 5, Text: []byte{}, Size: 50_000},
	}}
	body, err := b.AppendTo(nil)
	must(t, err)
	got, bad := Open(&formats.Request{Header: map[string]string{"content-type": ContentType + "; charset=utf-8"}, Body: body}, nil)
	if bad != nil {
		t.Fatal(bad)
	}
	if diff := cmp.Diff(b, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzOpen takes what strangers send to a feed's door: nothing panics, every
// record has one answer, and a message keeps its original.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"file":"f","from":0,"plan":{"format":"access"}}`+"\n"+`{"at":0,"line":1,"text":"x"}`+"\n"), true)
	f.Add([]byte(`{"plan":{"format":"table","parser":{"version":1,"kind":"table","dialect":{"delimiter":","},"columns":["a"],"fields":[{"name":"a","from":"a","type":"time","layout":"any","role":"time"}]}}}`+"\n"+`{"text":"1"}`), true)
	f.Add([]byte(`{"plan":{"format":"text","parser":{"version":1,"kind":"text","header":{},"fields":[]}}}`+"\n"+`{"raw":"/w=="}`), true)
	f.Add([]byte("a,b\n1,2\n3,4\n"), false)
	f.Add([]byte(`{"type":"track","event":"x","userId":"u","properties":{}}`), false)
	f.Add([]byte(`198.51.100.7 - - [20/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "`+firefox+`"`), false)
	detector := bots.New(0)
	f.Fuzz(func(t *testing.T, body []byte, batch bool) {
		r := &formats.Request{Header: map[string]string{}, Body: body}
		plan := &Plan{Format: Access}
		if batch {
			r.Header["content-type"] = ContentType
		} else if p, err := Propose(body, "", "x"); err == nil {
			plan = &p.Plan
		}
		b, bad := Open(r, plan)
		if bad != nil {
			return
		}
		if b.Plan != nil {
			plan = b.Plan
		}
		d, err := NewDecoder(plan, detector, func(day, _ string) string { return day })
		if err != nil {
			return
		}
		origin := formats.Origin{Source: "feed:x/y", Received: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
		for i := range b.Records {
			got := d.Read(&b.Head, &b.Records[i])
			answers := 0
			for _, is := range []bool{got.Message != nil, got.Skip != "", got.Bad != nil} {
				if is {
					answers++
				}
			}
			if answers != 1 {
				t.Fatalf("%d answers: %+v", answers, got)
			}
			if got.Message != nil {
				if !bytes.Equal(got.Message.Original, b.Records[i].Text) {
					t.Fatal("the original is lost")
				}
				if g, bad := origin.Read(got.Message); bad == nil && (g.Event.ID == "" || len(g.IDs) == 0) {
					t.Fatalf("a draft without name: %+v", g)
				}
			}
		}
	})
}
