package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/discover"
	"aisle/services/formats/feed"
)

// sampleSize is how much of a file a proposal is made from.
const sampleSize = 256 << 10

// ReadPlan reads a plan from a file: one that was saved, or only its parser.
func ReadPlan(path string) (*feed.Plan, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", offers.ErrNotFound, err)
	}
	p := new(feed.Plan)
	if err := json.Unmarshal(b, p); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, offers.ErrInvalid, err)
	}
	if p.Format == "" {
		parser := new(discover.Parser)
		if err := json.Unmarshal(b, parser); err != nil {
			return nil, fmt.Errorf("%s: %w: %w", path, offers.ErrInvalid, err)
		}
		p = &feed.Plan{Parser: parser}
		switch parser.Kind {
		case discover.AccessLog:
			p = &feed.Plan{Format: feed.Access}
		case discover.JSONLines:
			p.Format = feed.JSONL
		case discover.Table:
			p.Format = feed.Table
		default:
			p.Format = feed.Text
		}
	}
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// planOf is how a file is read: as somebody said, as before, or as it looks.
// The entry remembers it.
func (r *run) planOf(f *file, e *Entry) (*feed.Plan, error) {
	switch {
	case r.Feed != "":
		return r.Plan, nil // the house's, whatever somebody says
	case r.Plan != nil:
		return r.asked(*r.Plan)
	case e.Plan != nil && e.Plan.Check() == nil:
		return r.asked(*e.Plan)
	}
	p, err := r.propose(f)
	if err != nil {
		return nil, err
	}
	r.meter.say("%s: %s", short(f.path), p.Says)
	if p.Event != "" && r.Ask.Event == "" {
		r.meter.say("%s: its records become %s; -event says otherwise", short(f.path), p.Event)
	}
	for _, note := range p.Notes {
		r.meter.say("%s: %s", short(f.path), note)
	}
	e.Plan = &p.Plan
	plan, err := r.asked(p.Plan)
	if err == nil && r.SavePlan != "" {
		err = savePlan(r.SavePlan, plan)
	}
	return plan, err
}

// propose finds out what a file is.
func (r *run) propose(f *file) (*feed.Proposal, error) {
	sample, err := f.sample()
	if err != nil {
		return nil, err
	}
	format := r.Ask.Format
	switch format {
	case "csv", "tsv":
		format = feed.Table
	case "parquet":
		if f.packing != parquetFile {
			return nil, fmt.Errorf("%w: it is no table in Parquet", offers.ErrInvalid)
		}
		format = feed.JSONL
	case "auto":
		format = ""
	}
	p, err := feed.Propose(sample, format, f.path)
	if err != nil {
		return nil, fmt.Errorf("nobody can tell what is in it: %w", err)
	}
	if p.Parser != nil && p.Parser.Year == 0 && f.handle != nil {
		// Of times that do not tell their year: that in which it was written last.
		if info, err := f.handle.Stat(); err == nil {
			p.Parser.Year = info.ModTime().UTC().Year()
		}
	}
	if f.packing == parquetFile {
		p.Says = strings.Replace(p.Says, "objects of JSON, one a line", "a table in Parquet", 1)
	}
	return p, nil
}

// sample is the beginning of what is in a file: of a table in Parquet its first
// rows.
func (f *file) sample() ([]byte, error) {
	if f.stdin != nil {
		b, _ := f.stdin.Peek(f.stdin.Size())
		return b, nil
	}
	if f.packing != parquetFile {
		in, err := f.from(0)
		if err != nil {
			return nil, err
		}
		defer in.Close()
		b := make([]byte, sampleSize)
		n, err := io.ReadFull(in, b)
		if err != nil && n == 0 {
			return nil, err
		}
		return b[:n], nil
	}
	s, err := openParquet(f, 0)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var b []byte
	for len(b) < sampleSize {
		row, _, err := s.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		b = append(append(b, row.Text...), '\n')
	}
	return b, nil
}

// asked is a plan with what somebody said beside it.
func (r *run) asked(p feed.Plan) (*feed.Plan, error) {
	a := &r.Ask
	if a.Event != "" {
		p.Event = a.Event
	}
	if a.Shop != "" {
		p.Shop = a.Shop
	}
	p.KeepAssets = p.KeepAssets || a.KeepAssets
	p.Nameless = p.Nameless || a.Nameless
	if p.Parser != nil && (a.Zone != "" || a.User != "" || a.Cookie != "") {
		parser := &discover.Parser{Version: p.Parser.Version, Kind: p.Parser.Kind, Dialect: p.Parser.Dialect, Columns: p.Parser.Columns,
			Header: p.Parser.Header, Templates: p.Parser.Templates, Zone: p.Parser.Zone, Year: p.Parser.Year, Fields: append([]discover.Field(nil), p.Parser.Fields...)}
		if a.Zone != "" {
			parser.Zone = a.Zone
		}
		for role, name := range map[discover.Role]string{discover.RoleCustomerID: a.User, discover.RoleCookie: a.Cookie} {
			if err := cast(parser, role, name); err != nil {
				return nil, err
			}
		}
		p.Parser = parser
	}
	if p.Format == feed.Access && (a.User != "" || a.Cookie != "") {
		p.Fields = map[string]string{}
		if a.User != "" {
			p.Fields[feed.FieldUser] = a.User
		}
		if a.Cookie != "" {
			p.Fields[feed.FieldCookie] = a.Cookie
		}
	}
	return &p, p.Check()
}

// cast gives a role to the field of a name, and takes it from another.
func cast(p *discover.Parser, role discover.Role, name string) error {
	if name == "" {
		return nil
	}
	found := false
	for i := range p.Fields {
		f := &p.Fields[i]
		switch {
		case f.Name == name || f.From == name:
			f.Role, found = role, true
		case f.Role == role:
			f.Role = ""
		}
	}
	if !found {
		return fmt.Errorf("%w: there is no field %q", offers.ErrInvalid, name)
	}
	return nil
}

// dryEvents is how many events a dry run shows, and dryLines how many lines it
// reads of a file to say what would become of all.
const (
	dryEvents = 5
	dryLines  = 10_000
)

// dryRun says what files are and what would become of them, and sends nothing.
func (r *run) dryRun(paths []string) error {
	for _, path := range paths {
		if err := r.dry(path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

func (r *run) dry(path string) error {
	f, err := r.open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var proposal *feed.Proposal
	plan := r.Plan
	if plan == nil {
		if proposal, err = r.propose(f); err != nil {
			return err
		}
		plan = &proposal.Plan
	}
	if r.Feed == "" {
		if plan, err = r.asked(*plan); err != nil {
			return err
		}
	}
	r.describe(path, plan, proposal)
	if r.SavePlan != "" {
		if err := savePlan(r.SavePlan, plan); err != nil {
			return err
		}
		r.meter.say("the plan is in %s; mend it there, and read by it with -parser %s", r.SavePlan, r.SavePlan)
	}
	decoder, err := feed.NewDecoder(plan, r.bots, func(day, _ string) string { return "visitor-of-" + day })
	if err != nil {
		return err
	}
	rd := &reading{run: r, file: f, plan: plan}
	in, err := rd.source()
	if err != nil {
		return err
	}
	defer in.Close()
	counts, shown := Counts{Quarantined: map[string]int64{}, Skipped: map[string]int64{}}, 0
	origin := formats.Origin{Source: "feed:" + plan.Format + "/dry-run", Received: time.Now()}
	for counts.Lines < dryLines {
		record, _, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		counts.Lines++
		record.Text = feed.Anonymise(record.Text)
		got := decoder.Read(&feed.Head{File: "file", Name: short(path)}, &record)
		var draft *formats.Draft
		if got.Message != nil {
			if draft, got.Bad = origin.Read(got.Message); got.Bad != nil {
				got.Bad = feed.Located(&feed.Head{Name: short(path)}, &record, got.Bad)
			}
		}
		switch {
		case got.Skip != "":
			counts.Skipped[string(got.Skip)]++
		case got.Bad != nil:
			if counts.Quarantined[string(got.Bad.Reason)]++; total(counts.Quarantined) <= dryEvents {
				r.meter.say("  to quarantine (%s): %s", got.Bad.Reason, got.Bad.Detail)
			}
		case draft.UserAgent != "" && r.bots.Bot(draft.UserAgent):
			counts.Quarantined[string(offers.ReasonBot)]++
		default:
			counts.Accepted++
			if shown++; shown <= dryEvents {
				if b, err := json.Marshal(&draft.Event); err == nil {
					r.meter.say("  %s", b)
				}
			}
		}
	}
	r.meter.say("%s: of the first %s lines: %s. Nothing was sent.", short(path), count(counts.Lines), counts.says())
	return nil
}

// describe tells a plan: which field is what, and what becomes of it.
func (r *run) describe(path string, p *feed.Plan, proposal *feed.Proposal) {
	says := "read by its plan"
	if proposal != nil {
		says = proposal.Says
	}
	r.meter.say("%s: %s", short(path), says)
	if p.Parser != nil {
		for _, f := range p.Parser.Fields {
			line := fmt.Sprintf("  %-24s %-10s %s", f.Name, f.Type, f.Role)
			if proposal != nil {
				for _, report := range proposal.Fields {
					if report.Name == f.Name && len(report.Examples) > 0 {
						line = fmt.Sprintf("%-50s such as %s", line, report.Examples[0])
					}
				}
			}
			r.meter.say("%s", strings.TrimRight(line, " "))
		}
		if p.Event != "" {
			r.meter.say("  every record becomes %s; -event says otherwise", p.Event)
		}
	}
	if proposal != nil {
		for _, note := range proposal.Notes {
			r.meter.say("  %s", note)
		}
	}
}

func savePlan(path string, p *feed.Plan) error {
	b, err := json.MarshalIndent(p, "", "  ")
	if err == nil {
		err = os.WriteFile(path, append(b, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("the plan cannot be saved: %w: %w", offers.ErrUnavailable, err)
	}
	return nil
}
