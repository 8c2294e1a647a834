package discover

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

// sketch is a proposal in a line a field.
func sketch(p Proposal) []string {
	var lines []string
	for i, f := range p.Parser.Fields {
		s := fmt.Sprintf("%s %s", f.Name, f.Type)
		if f.Layout != "" {
			s += " " + f.Layout
		}
		if f.Role != "" {
			s += " is the " + string(f.Role)
		}
		if f.Optional {
			s += "?"
		}
		if n := p.Fields[i].Nulls; n > 0 && n < 1 {
			s += fmt.Sprintf(" %.2f empty", n)
		}
		lines = append(lines, s)
	}
	return lines
}

func TestPropose(t *testing.T) {
	tests := []struct {
		name   string
		sample string
		kind   Kind
		want   []string
		notes  []string
	}{
		{
			"a shop's events as JSON",
			`{"ts":"2024-05-17T10:05:03Z","userId":"c-1","event":"Product Viewed","product":{"sku":"m-1","price":2.5},"tags":["a"],"ok":true}
{"ts":"2024-05-17T10:05:04Z","userId":"c-2","event":"Products Searched","query":"red mug","product":{},"tags":[],"ok":false}
{"ts":"2024-05-17T10:05:05Z","userId":null,"event":"Product Viewed","product":{"sku":"m-2","price":3},"tags":["b"],"ok":true}
`,
			JSONLines,
			[]string{"event string is the event", "ok boolean", "product_price number is the price? 0.33 empty", "product_sku string is the product? 0.33 empty",
				"query string is the query? 0.67 empty", "tags object", "ts time 2006-01-02T15:04:05.999999999Z07:00 is the time", "user_id string is the customer_id 0.33 empty"},
			nil,
		},
		{
			"sales with decimal commas, days first",
			"Datum;Kundennummer;E-Mail;Artikel;Menge;Preis\n03.04.2024;00123;ada@shop.example;Tasse rot;2;12,50\n17.05.2024;00124;bob@shop.example;Tasse blau;1;1.012,50\n",
			Table,
			[]string{"datum time 02.01.2006 is the time", "kundennummer string is the customer_id", "e_mail email is the email", "artikel string is the product", "menge integer is the quantity", "preis number decimal_comma is the price"},
			nil,
		},
		{
			"a table without names, and dates of two meanings",
			"1,03/04/2024,+44 20 7946 0958,10\n2,05/06/2024,+44 20 7946 0321,12\n3,01/02/2024,,7\n",
			Table,
			[]string{"column_1 integer", "column_2 time 01/02/2006 is the time", "column_3 phone is the phone 0.33 empty", "column_4 integer"},
			[]string{"column_2: day or month first? 01/02/2006 is taken; 02/01/2006 fits as well"},
		},
		{
			"key and value",
			"time=2024-05-17T10:05:03Z level=info msg=\"cart opened\" customer_id=7 total=12.5\ntime=2024-05-17T10:05:04Z level=warn msg=slow customer_id=8 total=3\n",
			KeyValue,
			[]string{"time time 2006-01-02T15:04:05.999999999Z07:00 is the time", "level string is the level", "msg string is the message", "customer_id integer is the customer_id", "total number is the value"},
			nil,
		},
		{
			"a web server's",
			"shop.example:443 203.0.113.7 - - [17/May/2024:12:05:03 +0200] \"GET /s?q=mug HTTP/1.1\" 200 5120 \"https://www.google.com/search?q=red+mug\" \"Mozilla/5.0\" rt=0.012\n" +
				"shop.example:443 203.0.113.8 - - [17/May/2024:12:05:04 +0200] \"GET / HTTP/1.1\" 200 - \"-\" \"Mozilla/5.0\" rt=0.010\n",
			AccessLog,
			[]string{"host string", "client ip is the ip", "time time 2006-01-02T15:04:05Z07:00 is the time", "method string", "url string is the url", "protocol string",
				"status integer", "bytes integer", "referrer string is the referrer? 0.50 empty", "user_agent user_agent is the user_agent", "search_engine string? 0.50 empty",
				"search_terms string is the query? 0.50 empty", "took_seconds number", "extra_1 string", "user string is the customer_id?", "request string?"},
			nil,
		},
		{
			"a program's",
			"2024-05-17 10:05:03,250 INFO till[7]: sold 3 mugs\n2024-05-17 10:05:04,250 WARN till[7]: drawer open\n2024-05-17 10:05:05,250 INFO till[8]: sold 4 mugs\n",
			Text,
			[]string{"time time 2006-01-02 15:04:05,000 is the time", "level string is the level", "pid integer", "component string", "message string is the message"},
			nil,
		},
		{
			"instants and births",
			"id,created_at,date_of_birth,ip\n1,1715940303000,19800231,203.0.113.7\n2,1715940304000,19811101,203.0.113.8\n3,1715940305000,19700101,2001:db8::1\n",
			Table,
			[]string{"id integer", "created_at time unix_ms is the time", "date_of_birth integer", "ip ip is the ip"},
			nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Propose([]byte(tt.sample))
			if err != nil {
				t.Fatal(err)
			}
			if p.Parser.Kind != tt.kind {
				t.Errorf("kind %s, want %s", p.Parser.Kind, tt.kind)
			}
			if diff := cmp.Diff(tt.want, sketch(p)); diff != "" {
				t.Errorf("fields differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.notes, p.Notes); diff != "" {
				t.Errorf("notes differ (-want +got):\n%s", diff)
			}
			if p.Unread > 0 {
				t.Errorf("%d of %d records are unread", p.Unread, p.Records)
			}
			// Saved and loaded, it reads its own sample without drift.
			saved, err := json.Marshal(p.Parser)
			if err != nil {
				t.Fatal(err)
			}
			var loaded Parser
			if err := json.Unmarshal(saved, &loaded); err != nil {
				t.Fatal(err)
			}
			for _, row := range parseAll(t, &loaded, tt.sample) {
				if len(row.Drift) > 0 || len(row.Unassigned) > 0 {
					t.Errorf("drift %+v, unassigned %v", row.Drift, row.Unassigned)
				}
			}
		})
	}
}

func parseAll(t *testing.T, p *Parser, text string) (rows []Row) {
	t.Helper()
	r := p.Reader(strings.NewReader(text), 0, 0)
	for first := true; ; first = false {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		if first && p.Kind == Table && p.Dialect.Header {
			if p, _, err = p.Head(rec.Raw); err != nil {
				t.Fatal(err)
			}
			continue
		}
		row, err := p.Parse(rec.Raw)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func TestProposeMasksPeople(t *testing.T) {
	p, err := Propose([]byte("email,phone,ip,surname,city\nada@shop.example,+44 20 7946 0958,203.0.113.7,Lovelace,London\nbob@shop.example,+44 20 7946 0321,203.0.114.7,Hope,Leeds\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"a…@shop.example", "b…@shop.example"}, {"+44…58", "+44…21"}, {"203.0.113.0/24", "203.0.114.0/24"}, {"L…", "H…"}, {"London", "Leeds"},
	}
	var got [][]string
	for _, f := range p.Fields {
		got = append(got, f.Examples)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("examples differ (-want +got):\n%s", diff)
	}
}

func TestMaskText(t *testing.T) {
	tests := map[string]string{
		"mail to ada@shop.example.":         "mail to a…@shop.example.",
		"from 203.0.113.7:80 (2001:db8::1)": "from 203.0.113.0/24:80 (2001:db8::/48)",
		"sold 3 mugs at 10:05, 1.2.3":       "sold 3 mugs at 10:05, 1.2.3",
		"café <bob@shop.example>":           "café <b…@shop.example>",
	}
	for in, want := range tests {
		if got := MaskText(in); got != want {
			t.Errorf("MaskText(%q) = %q, want %q", in, got, want)
		}
	}
	var lines []string
	for i := range 40 {
		lines = append(lines, fmt.Sprintf("2024-05-17 10:05:%02d INFO till: mail to ada@shop.example from 203.0.113.7 is sent", i))
	}
	p, err := Propose([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	saved, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"ada@", "203.0.113.7"} {
		if strings.Contains(string(saved), secret) {
			t.Errorf("the proposal tells %s: %s", secret, saved)
		}
	}
}

func TestProposeRefuses(t *testing.T) {
	for name, sample := range map[string]string{
		"nothing":              "",
		"spaces":               " \n\n \r\n",
		"UTF-16":               "\xff\xfea\x00",
		"a picture":            "\x89PNG\r\n\x1a\n\x00\x00",
		"packed":               "\x1f\x8b\x08abc",
		"Parquet":              "PAR1abc",
		"an array":             `[{"a":1},{"a":2}]`,
		"an array over lines":  "[\n  {\n    \"a\": 1\n  },\n  {\n",
		"an object over lines": "{\n  \"a\": [\n 1\n",
	} {
		t.Run(name, func(t *testing.T) {
			if p, err := Propose([]byte(sample)); !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("Propose = %+v, %v; want an invalid", p, err)
			}
		})
	}
}

// A hostile file takes no longer than a large one.
func TestProposeInTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	for _, unit := range []string{"\"a\n", "\"a,", "a:", "a=", "{\"a\":", "1,", "[", "a b c d e f\n", "2024-05-17 10:05:03 a", "Jan ", "' ", "a|\"b|'c\n", "x=\"", "\r", "é", "..a"} {
		start := time.Now()
		_, err := Propose([]byte(strings.Repeat(unit, 256<<10/len(unit))))
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%q over and over took %v (%v)", unit, took, err)
		}
	}
}

func TestDrift(t *testing.T) {
	p := &Parser{Version: 1, Kind: JSONLines, Zone: "Europe/Berlin", Fields: []Field{
		{Name: "when", From: "ts", Type: Time, Layout: "2006-01-02 15:04", Role: RoleTime},
		{Name: "customer", From: "user.mail", Type: Email, Normalise: []string{Trim, Lower}},
		{Name: "price", From: "price", Type: Number},
		{Name: "count", From: "n", Type: Integer, Optional: true},
		{Name: "card", From: "card", Type: String, Exclude: true},
		{Name: "where", From: "ip", Type: IP, Optional: true},
		{Name: "tags", From: "tags", Type: Object, Optional: true},
	}}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, record string
		want         Row
	}{
		{"as ever", `{"ts":"2024-05-17 12:05","user":{"mail":" Ada@Shop.example "},"price":2.5,"n":3,"card":"4111","ip":"203.0.113.7","tags":["a"]}`,
			Row{Values: map[string]any{"when": time.Date(2024, 5, 17, 12, 5, 0, 0, berlin), "customer": "ada@shop.example", "price": 2.5, "count": int64(3), "where": "203.0.113.0", "tags": []any{"a"}}}},
		{"a new field", `{"ts":null,"user":{"mail":"a@b.de","vip":true},"price":2,"colour":"red","from_ip":"203.0.113.7"}`,
			Row{Values: map[string]any{"customer": "a@b.de", "price": 2.0},
				Unassigned: map[string]any{"user.vip": true, "colour": "red", "from_ip": "203.0.113.0"},
				Drift:      []Drift{{New, "colour", "", String}, {New, "from_ip", "", IP}, {New, "user.vip", "", Boolean}}}},
		{"a missing field", `{"ts":"2024-05-17 12:05","price":2}`,
			Row{Values: map[string]any{"when": time.Date(2024, 5, 17, 12, 5, 0, 0, berlin), "price": 2.0},
				Drift: []Drift{{Missing, "customer", Email, ""}}}},
		{"another type", `{"ts":"17.5.2024","user":{"mail":"ada"},"price":"cheap","n":2.5,"tags":"a"}`,
			Row{Values: map[string]any{"tags": "a"},
				Unassigned: map[string]any{"ts": "17.5.2024", "user.mail": "ada", "price": "cheap", "n": json.Number("2.5")},
				Drift:      []Drift{{Retyped, "count", Integer, Number}, {Retyped, "price", Number, String}, {Retyped, "when", Time, Time}, {Retyped, "customer", Email, String}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := p.Parse([]byte(tt.record))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Parse differs (-want +got):\n%s", diff)
			}
		})
	}
	for _, record := range []string{"", "7", "null", "[1]", "{", `{} {}`} {
		if row, err := p.Parse([]byte(record)); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("Parse(%q) = %+v, %v; want an invalid", record, row, err)
		}
	}
}

func TestHead(t *testing.T) {
	prop, err := Propose([]byte("sku,price,city\nm-1,2.5,London\nm-2,3.5,Leeds\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, drift, err := prop.Parser.Head([]byte("price,colour,sku"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Drift{{Kind: New, Field: "colour"}, {Kind: Missing, Field: "city"}}, drift); diff != "" {
		t.Errorf("drift differs (-want +got):\n%s", diff)
	}
	row, err := p.Parse([]byte("9.5,red,m-3,over"))
	if err != nil {
		t.Fatal(err)
	}
	want := Row{Values: map[string]any{"price": 9.5, "sku": "m-3"}, Unassigned: map[string]any{"colour": "red", "column_4": "over"},
		Drift: []Drift{{New, "colour", "", String}, {New, "column_4", "", String}, {Missing, "city", String, ""}}}
	if diff := cmp.Diff(want, row); diff != "" {
		t.Errorf("Parse differs (-want +got):\n%s", diff)
	}
	if same, _, _ := prop.Parser.Head([]byte("sku,price,city")); same != prop.Parser {
		t.Error("the same header made another parser")
	}
}

func TestParseText(t *testing.T) {
	var lines []string
	for i := range 40 {
		lines = append(lines, fmt.Sprintf("May 17 10:05:%02d shop1 till[7]: sold %d mugs to lane %d", i, i, i), fmt.Sprintf("May 17 10:06:%02d shop1 till[7]: drawer open", i))
	}
	prop, err := Propose([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	p := prop.Parser
	p.Year = 2024
	tests := []struct {
		name, line string
		want       Row
	}{
		{"known", "May 18 11:00:00 shop1 till[9]: sold 12 mugs to lane 4",
			Row{Values: map[string]any{"time": time.Date(2024, 5, 18, 11, 0, 0, 0, time.UTC), "host": "shop1", "pid": int64(9), "component": "till", "message": "sold 12 mugs to lane 4"},
				Template: 1, Params: []string{"12", "4"}}},
		{"of no known template", "May 18 11:00:00 shop1 till[9]: the shop burns",
			Row{Values: map[string]any{"time": time.Date(2024, 5, 18, 11, 0, 0, 0, time.UTC), "host": "shop1", "pid": int64(9), "component": "till", "message": "the shop burns"},
				Drift: []Drift{{Kind: Unmatched, Field: "template"}}}},
		{"without the header", "  at Till.open",
			Row{Values: map[string]any{}, Unassigned: map[string]any{"line": "  at Till.open"}, Drift: []Drift{{Kind: Unmatched, Field: "header"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := p.Parse([]byte(tt.line))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Parse differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParams(t *testing.T) {
	var lines []string
	for i, name := range people {
		lines = append(lines, fmt.Sprintf("2024-05-17 10:05:%02d INFO till: coupon of %s was redeemed at till %d", i, name, i))
	}
	prop, err := Propose([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	saved, err := json.Marshal(prop.Parser)
	if err != nil {
		t.Fatal(err)
	}
	p := new(Parser)
	if err := json.Unmarshal(saved, p); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Ada", "Jo Ann Li"} {
		row, err := p.Parse([]byte("2024-05-17 11:00:00 INFO till: coupon of " + name + " was redeemed at till 12"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{name, "12"}, row.Params); diff != "" || row.Template != 1 {
			t.Errorf("template %d, params differ (-want +got):\n%s", row.Template, diff)
		}
	}
}

func TestCheck(t *testing.T) {
	tests := map[string]*Parser{
		"no version":          {Kind: KeyValue},
		"no kind":             {Version: 1},
		"a table of nothing":  {Version: 1, Kind: Table},
		"text without header": {Version: 1, Kind: Text},
		"an unknown zone":     {Version: 1, Kind: KeyValue, Zone: "Mars/Olympus"},
		"a name twice":        {Version: 1, Kind: KeyValue, Fields: []Field{{Name: "a", From: "x", Type: String}, {Name: "a", From: "y", Type: String}}},
		"a source twice":      {Version: 1, Kind: KeyValue, Fields: []Field{{Name: "a", From: "x", Type: String}, {Name: "b", From: "x", Type: String}}},
		"no type":             {Version: 1, Kind: KeyValue, Fields: []Field{{Name: "a", From: "x"}}},
		"a time of no layout": {Version: 1, Kind: KeyValue, Fields: []Field{{Name: "a", From: "x", Type: Time}}},
		"an unknown mending":  {Version: 1, Kind: KeyValue, Fields: []Field{{Name: "a", From: "x", Type: String, Normalise: []string{"polish"}}}},
	}
	for name, p := range tests {
		t.Run(name, func(t *testing.T) {
			if err := p.Check(); !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("Check = %v, want an invalid", err)
			}
			if _, err := p.Parse([]byte("x=1")); !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("Parse = %v, want an invalid", err)
			}
		})
	}
}

func BenchmarkParser(b *testing.B) {
	for _, bb := range []struct{ name, sample string }{
		{"access", `203.0.113.7 - - [17/May/2024:12:05:03 +0200] "GET /shoes?q=trail HTTP/1.1" 200 5120 "https://www.google.com/" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"`},
		{"json", `{"ts":"2024-05-17T10:05:03Z","userId":"c-1","event":"Product Viewed","product":{"sku":"m-1","price":2.5},"tags":["a"],"ok":true}`},
		{"table", "when,customer,email,sku,price\n2024-05-17 10:05:03,c-1,ada@shop.example,m-1,2.5"},
		{"text", strings.Repeat("2024-05-17 10:05:03,250 INFO till[7]: sold 3 mugs to lane 4\n", 3)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			prop, err := Propose([]byte(bb.sample))
			if err != nil {
				b.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(bb.sample), "\n")
			record := []byte(lines[len(lines)-1])
			b.ReportAllocs()
			for b.Loop() {
				if row, err := prop.Parser.Parse(record); err != nil || len(row.Drift) > 0 {
					b.Fatal(row.Drift, err)
				}
			}
		})
	}
}

// Whatever a file holds, its parser is proposed, and reads each record to
// values and what lies beside.
func FuzzPropose(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", `{"a":{"b":[1]}}`, "a=1 b=\"2\\\"\" c\na=1 b=2", "2024-05-17 10:05:03 INFO a: b 1\n2024-05-17 10:05:03 INFO a: b 2",
		"203.0.113.7 - - [17/May/2024:12:05:03 +0200] \"GET / HTTP/1.1\" 200 5", "x\ty\n03/04/2024\t1,5\n", "{\"a\":1,\"a\":2,\"A\":3}", "\xef\xbb\xbfa;b\r\n\"\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, sample []byte) {
		prop, err := Propose(sample)
		if err != nil {
			if !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("Propose = %v, want an invalid", err)
			}
			return
		}
		saved, err := json.Marshal(prop)
		if err != nil {
			t.Fatal(err)
		}
		var loaded Proposal
		if err := json.Unmarshal(saved, &loaded); err != nil {
			t.Fatal(err)
		}
		if err := loaded.Parser.Check(); err != nil {
			t.Fatal(err)
		}
		for r := loaded.Parser.Reader(strings.NewReader(string(sample)), 0, 0); ; {
			rec, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				continue
			}
			if row, err := loaded.Parser.Parse(rec.Raw); err == nil {
				if _, err := json.Marshal(row); err != nil && !strings.Contains(err.Error(), "year outside of range") {
					t.Errorf("row %+v: %v", row, err)
				}
			}
		}
	})
}
