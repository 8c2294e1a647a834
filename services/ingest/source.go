package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-json"
	"github.com/google/uuid"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/feed"
)

// source gives the records of a file: text in lines, or rows of a table in
// Parquet.
type source interface {
	// Next is the next record, its Line counted from where reading began, and
	// the place from which to read on after it. At the end it is io.EOF.
	Next() (feed.Record, int64, error)
	// Half tells whether the input ended at a place without the end of a line.
	Half(end int64) bool
	// End is the place where the input ended.
	End() int64
	Close() error
}

func (rd *reading) source() (source, error) {
	if rd.file.packing == parquetFile {
		return openParquet(rd.file, rd.entry.Offset)
	}
	if rd.tail != nil {
		return newTexts(rd.plan, io.NopCloser(rd.tail), rd.entry.Offset), nil
	}
	r, err := rd.file.from(rd.entry.Offset)
	if errors.Is(err, io.EOF) {
		return newTexts(rd.plan, io.NopCloser(bytes.NewReader(nil)), rd.entry.Offset), nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	return newTexts(rd.plan, r, rd.entry.Offset), nil
}

// texts are the records of a text.
type texts struct {
	*feed.Splitter
	in     io.ReadCloser
	end    int64
	last   byte
	failed error
}

func newTexts(p *feed.Plan, in io.ReadCloser, offset int64) *texts {
	t := &texts{in: in, end: offset, last: '\n'}
	t.Splitter = p.Split(t, offset)
	return t
}

// Read implements io.Reader for the Splitter.
func (t *texts) Read(b []byte) (int, error) {
	n, err := t.in.Read(b)
	if n > 0 {
		t.end, t.last = t.end+int64(n), b[n-1]
	}
	if err != nil && !errors.Is(err, io.EOF) {
		t.failed = err
	}
	return n, err
}

// Next implements source. What comes before an error without an end is no
// record.
func (t *texts) Next() (feed.Record, int64, error) {
	r, next, err := t.Splitter.Next()
	if err == nil && t.failed != nil && next == t.end && t.last != '\n' {
		return feed.Record{}, 0, t.failed
	}
	return r, next, err
}

func (t *texts) Half(end int64) bool { return end == t.end && t.last != '\n' }
func (t *texts) End() int64          { return t.end }
func (t *texts) Close() error        { return t.in.Close() }

// rows are those of a table in Parquet, each as an object of JSON.
type rows struct {
	reader *parquet.GenericReader[any]
	leaves []leaf
	buf    []parquet.Row
	have   []parquet.Row // of buf, not yet given
	began  int64
	at     int64
	text   []byte
}

// leaf is a column with values.
type leaf struct {
	name    []byte // as JSON
	of      parquet.Type
	listed  bool
	logical any // format.LogicalTypeValue
}

func openParquet(f *file, row int64) (s *rows, err error) {
	defer func() { // the library panics on some broken files
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: the table in Parquet cannot be read: %v", offers.ErrInvalid, p)
		}
	}()
	info, err := f.handle.Stat()
	if err != nil {
		return nil, err
	}
	p, err := parquet.OpenFile(f, info.Size(), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("%w: the table in Parquet cannot be read: %w", offers.ErrInvalid, err)
	}
	s = &rows{reader: parquet.NewGenericReader[any](p), buf: make([]parquet.Row, 64), began: row, at: row}
	for _, path := range p.Schema().Columns() {
		column, ok := p.Schema().Lookup(path...)
		if !ok {
			return nil, fmt.Errorf("%w: the table in Parquet has no column %v", offers.ErrInvalid, path)
		}
		name, err := json.Marshal(nameOf(path))
		if err != nil {
			return nil, err
		}
		l := leaf{name: name, of: column.Node.Type(), listed: column.MaxRepetitionLevel > 0}
		if t := l.of.LogicalType(); t != nil {
			l.logical = t.Value
		}
		s.leaves = append(s.leaves, l)
	}
	if row > 0 {
		if err := s.reader.SeekToRow(row); err != nil {
			return nil, fmt.Errorf("%w: row %d: %w", offers.ErrInvalid, row, err)
		}
	}
	return s, nil
}

// nameOf is a column's name. Lists in Parquet have two levels more than people
// mean.
func nameOf(path []string) string {
	if n := len(path); n > 2 && path[n-2] == "list" && (path[n-1] == "element" || path[n-1] == "item") {
		path = path[:n-2]
	}
	return strings.Join(path, ".")
}

func (s *rows) Next() (r feed.Record, next int64, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the table in Parquet is broken: %v", p)
		}
	}()
	if len(s.have) == 0 {
		n, err := s.reader.ReadRows(s.buf)
		if n == 0 {
			if err == nil {
				err = io.ErrNoProgress
			}
			return feed.Record{}, 0, err
		}
		s.have = s.buf[:n]
	}
	row := s.have[0]
	s.have = s.have[1:]
	if err := s.write(row); err != nil {
		return feed.Record{}, 0, err
	}
	r = feed.Record{At: s.at, Line: s.at - s.began + 1, Text: s.text}
	if len(s.text) > formats.MaxEvent {
		r.Text, r.Size = s.text[:formats.MaxEvent], int64(len(s.text))
	}
	s.at++
	return r, s.at, nil
}

func (s *rows) Half(int64) bool { return false }
func (s *rows) End() int64      { return s.at }
func (s *rows) Close() error    { return s.reader.Close() }

// write makes JSON of a row. What is null is left out.
func (s *rows) write(row parquet.Row) error {
	s.text = append(s.text[:0], '{')
	last := -1
	for _, v := range row {
		column := v.Column()
		if v.IsNull() || column < 0 || column >= len(s.leaves) {
			continue
		}
		l := &s.leaves[column]
		switch {
		case column == last && l.listed:
			s.text[len(s.text)-1] = ',' // in place of the end of the list
		default:
			if len(s.text) > 1 {
				s.text = append(s.text, ',')
			}
			s.text = append(append(s.text, l.name...), ':')
			if l.listed {
				s.text = append(s.text, '[')
			}
		}
		last = column
		value, err := json.Marshal(l.value(v))
		if err != nil {
			return err
		}
		s.text = append(s.text, value...)
		if l.listed {
			s.text = append(s.text, ']')
		}
	}
	s.text = append(s.text, '}')
	return nil
}

// value is a value as JSON has it.
func (l *leaf) value(v parquet.Value) any {
	switch t := l.logical.(type) {
	case *format.TimestampType:
		unit := time.Millisecond
		if t.Unit.Value != nil {
			unit = t.Unit.Value.Duration()
		}
		n, per := v.Int64(), int64(time.Second/unit)
		return time.Unix(n/per, n%per*int64(unit)).UTC().Format(time.RFC3339Nano)
	case *format.DateType:
		return time.Unix(int64(v.Int32())*24*60*60, 0).UTC().Format(time.DateOnly)
	case *format.DecimalType:
		return json.Number(decimal(v, int(t.Scale)))
	case *format.UUIDType:
		if id, err := uuid.FromBytes(v.ByteArray()); err == nil {
			return id.String()
		}
	}
	switch v.Kind() {
	case parquet.Boolean:
		return v.Boolean()
	case parquet.Int32:
		return v.Int32()
	case parquet.Int64:
		return v.Int64()
	case parquet.Float:
		return finite(float64(v.Float()), 32)
	case parquet.Double:
		return finite(v.Double(), 64)
	case parquet.Int96: // nanoseconds of a day, and the day by Julius Caesar's count
		t := v.Int96()
		nanos := int64(t[1])<<32 | int64(t[0])
		return time.Unix((int64(t[2])-2440588)*24*60*60, nanos).UTC().Format(time.RFC3339Nano)
	default:
		return strings.ToValidUTF8(string(v.ByteArray()), "\uFFFD")
	}
}

// finite is a number as JSON; what is none is a text.
func finite(f float64, bits int) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'g', -1, bits)
	}
	return json.Number(strconv.FormatFloat(f, 'g', -1, bits))
}

// decimal is a number of which the last digits are behind the point.
func decimal(v parquet.Value, scale int) string {
	n := new(big.Int)
	switch v.Kind() {
	case parquet.Int32:
		n.SetInt64(int64(v.Int32()))
	case parquet.Int64:
		n.SetInt64(v.Int64())
	default: // big-endian, in two's complement
		b := v.ByteArray()
		n.SetBytes(b)
		if len(b) > 0 && b[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
	}
	digits := new(big.Int).Abs(n).String()
	if scale > 0 {
		if len(digits) <= scale {
			digits = strings.Repeat("0", scale-len(digits)+1) + digits
		}
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if n.Sign() < 0 {
		return "-" + digits
	}
	return digits
}
