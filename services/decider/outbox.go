package decider

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/s2"

	"aisle/offers"
	"aisle/services/stream"
)

// The outbox of a partition is what its last batch had to say, kept with the
// state that it came from until the log has it: the stream, key, value and
// headers of each record, every part behind its length as a varint. Behind a
// byte of 0, all that is compressed, for decisions are much alike; it was not
// once, and no part of a record that is there begins with one.

// packing is the room in which outboxes are packed, used again.
type packing struct{ plain, compressed []byte }

// append appends the outbox of what was said to b; nothing is said by nothing.
func (p *packing) append(b []byte, said []stream.Record) []byte {
	if len(said) == 0 {
		return b
	}
	plain := p.plain[:0]
	for i := range said {
		r := &said[i]
		plain = appendPart(plain, r.Stream)
		plain = appendPart(plain, r.Key)
		plain = appendPart(plain, r.Value)
		plain = binary.AppendUvarint(plain, uint64(len(r.Headers)))
		for _, h := range r.Headers {
			plain = appendPart(plain, h.Key)
			plain = appendPart(plain, h.Value)
		}
	}
	p.plain, p.compressed = plain, s2.Encode(p.compressed, plain)
	return append(append(b, 0), p.compressed...)
}

func appendPart[T string | []byte](b []byte, part T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(part))), part...)
}

var errOutbox = errors.New("outbox is cut short")

func unpackOutbox(b []byte) ([]stream.Record, error) {
	var err error
	if len(b) > 0 && b[0] == 0 {
		if b, err = s2.Decode(nil, b[1:]); err != nil {
			return nil, fmt.Errorf("%w: outbox: %w", offers.ErrInvalid, err)
		}
	}
	number := func() uint64 {
		n, w := binary.Uvarint(b)
		if w <= 0 || n > uint64(len(b)) {
			err = fmt.Errorf("%w: %w", offers.ErrInvalid, errOutbox)
			b = nil
			return 0
		}
		b = b[w:]
		return n
	}
	part := func() []byte {
		n := number()
		if n > uint64(len(b)) {
			err = fmt.Errorf("%w: %w", offers.ErrInvalid, errOutbox)
			b, n = nil, 0
		}
		p := b[:n:n]
		b = b[n:]
		return p
	}
	var records []stream.Record
	for len(b) > 0 {
		r := stream.Record{Stream: string(part()), Key: part(), Value: part()}
		for range number() {
			r.Headers = append(r.Headers, stream.Header{Key: string(part()), Value: part()})
			if err != nil {
				break
			}
		}
		records = append(records, r)
	}
	if err != nil {
		return nil, err
	}
	return records, nil
}
