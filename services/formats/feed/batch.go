package feed

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"strconv"
	"unicode/utf8"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/discover"
)

// ContentType is that of a Batch: JSON, one value a line, the first of which is
// its Head. Any other body is the lines themselves.
const ContentType = "application/vnd.aisle.records"

// MaxRecords is how many records a batch may have.
const MaxRecords = 5_000

// maxTitles is how many columns a table may have.
const maxTitles = 5_000

// Head says where the records of a batch come from.
type Head struct {
	File string `json:"file,omitempty"` // the file's identity, the same whatever it is called
	Name string `json:"name,omitempty"` // what it is called, for people
	From int64  `json:"from"`           // what lies before this place came in earlier batches
	To   int64  `json:"to,omitempty"`   // what lies before this place has come with this batch
	Anew bool   `json:"anew,omitempty"` // the file is read from its beginning again, on purpose
	Plan *Plan  `json:"plan,omitempty"` // how to read the records, where the house has no plan of its own

	Titles []string `json:"titles,omitempty"` // the columns of the table, if they are not the plan's
}

// Record is one line or row, and where it lies.
type Record struct {
	At   int64  // its place: the offset of its first byte, or the number of a row
	Line int64  // for people, from 1
	Text []byte // without its line end
	Size int64  // of all of it, where Text is only its beginning
}

// Batch is what a request brings.
type Batch struct {
	Head
	Records []Record
}

// AppendTo appends the batch as a body. Text that is not UTF-8 goes as base64.
func (b *Batch) AppendTo(body []byte) ([]byte, error) {
	head, err := formats.Marshal(&b.Head)
	if err != nil {
		return nil, fmt.Errorf("batch: %w: %w", offers.ErrInvalid, err)
	}
	body = append(append(body, head...), '\n')
	for i := range b.Records {
		r := &b.Records[i]
		body = strconv.AppendInt(append(body, `{"at":`...), r.At, 10)
		body = strconv.AppendInt(append(body, `,"line":`...), r.Line, 10)
		if r.Size > 0 {
			body = strconv.AppendInt(append(body, `,"size":`...), r.Size, 10)
		}
		var text []byte
		if utf8.Valid(r.Text) {
			body = append(body, `,"text":`...)
			text, err = formats.Marshal(string(r.Text))
		} else {
			body = append(body, `,"raw":`...)
			text, err = formats.Marshal(r.Text)
		}
		if err != nil {
			return nil, fmt.Errorf("record at %d: %w: %w", r.At, offers.ErrInvalid, err)
		}
		body = append(append(body, text...), '}', '\n')
	}
	return body, nil
}

// IsBatch tells whether a request is a Batch; if not, it is the lines themselves.
func IsBatch(r *formats.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header["content-type"])
	return kind == ContentType
}

// Open reads a request. The plan is the house's own; nil where it has none, or
// where the request brings its own. Lines that come without a Head have the
// hash of the body for their file: the same body sent again is the same records.
func Open(r *formats.Request, p *Plan) (*Batch, *formats.Bad) {
	if !IsBatch(r) {
		return lines(r.Body, p)
	}
	head, rest, _ := bytes.Cut(r.Body, []byte("\n"))
	b := new(Batch)
	if head, bad := formats.Valid(head); bad != nil || formats.Unmarshal(head, &b.Head) != nil {
		return nil, formats.Badf(offers.ReasonEncoding, r.Body, "The first line does not say what the others are: want JSON such as {\"file\":\"…\",\"name\":\"access.log\",\"from\":0}.")
	}
	if len(b.File) > 64 || len(b.Name) > 200 || b.From < 0 || b.To < 0 || len(b.Titles) > maxTitles {
		return nil, formats.Badf(offers.ReasonSchema, r.Body, "The first line is not right: file has at most 64 letters, name 200, and from and to are places in it.")
	}
	b.Records = make([]Record, 0, 64)
	for n := 2; len(rest) > 0; n++ {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if len(b.Records) == MaxRecords {
			return nil, tooMany(r.Body)
		}
		var in struct {
			At   int64   `json:"at"`
			Line int64   `json:"line"`
			Text *string `json:"text"`
			Raw  []byte  `json:"raw"`
			Size int64   `json:"size"`
		}
		line, bad := formats.Valid(line)
		if bad == nil {
			if err := formats.Unmarshal(line, &in); err != nil {
				bad = formats.Badf(offers.ReasonSchema, r.Body, "%v.", err)
			}
		}
		if bad != nil {
			return nil, formats.Badf(bad.Reason, r.Body, "Line %d of the body is no record: %s", n, bad.Detail)
		}
		record := Record{At: in.At, Line: in.Line, Text: in.Raw, Size: in.Size}
		if in.Text != nil {
			record.Text = []byte(*in.Text)
		}
		b.Records = append(b.Records, record)
	}
	return b, nil
}

func tooMany(body []byte) *formats.Bad {
	return formats.Badf(offers.ReasonSize, body, "A request brings at most %d records. Send less at a time.", MaxRecords)
}

// lines are the records of a file as it is, or of a part of one.
func lines(body []byte, p *Plan) (*Batch, *formats.Bad) {
	h := sha256.Sum256(body)
	b := &Batch{Head: Head{File: "body-" + hex.EncodeToString(h[:12]), Name: "body", To: int64(len(body))}}
	records := p.Split(bytes.NewReader(body), 0)
	for {
		record, _, err := records.Next()
		switch {
		case errors.Is(err, io.EOF):
			return b, nil
		case err != nil:
			return nil, formats.Badf(offers.ReasonEncoding, body, "The body cannot be read: %v.", err)
		case len(b.Records) == MaxRecords:
			return nil, tooMany(body)
		}
		record.Text = bytes.Clone(record.Text)
		b.Records = append(b.Records, record)
	}
}

// Splitter parts what is read into records. It holds one at a time, of a
// bounded size.
type Splitter struct {
	reader *discover.Reader
	line   int64
}

// Split parts src into records, the way the plan has it. Its first byte lies at
// offset: 0, or where a record ends.
func (p *Plan) Split(src io.Reader, offset int64) *Splitter {
	if d, ok := p.dialect(); ok {
		return &Splitter{reader: discover.NewReader(src, d, formats.MaxEvent, offset)}
	}
	return &Splitter{reader: discover.NewLines(src, formats.MaxEvent, offset)}
}

// Next is the next record, whose Text is valid until the next call, and the
// place from which to read on after it. A record that is longer than an event
// may be comes with its beginning and a Size that is beyond; from its own place
// it would be read again. At the end it is io.EOF.
func (s *Splitter) Next() (r Record, next int64, err error) {
	got, err := s.reader.Read()
	r, next = Record{At: got.Offset, Line: s.line + 1, Text: got.Raw}, got.Next
	switch {
	case err == nil:
	case errors.Is(err, discover.ErrTooLong):
		// Where it ends is not known before the next one begins.
		r.Size, next = got.Next-got.Offset+1, got.Offset
	case errors.Is(err, discover.ErrUnclosed): // reading it will tell
	default:
		return Record{}, 0, err
	}
	s.line += 1 + int64(bytes.Count(got.Raw, []byte("\n")))
	return r, next, nil
}
