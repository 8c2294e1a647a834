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

func packOutbox(records []stream.Record) []byte {
	if len(records) == 0 {
		return nil
	}
	size := 0
	for i := range records {
		size += len(records[i].Value) + 512
	}
	b := make([]byte, 0, size)
	part := func(p []byte) {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	for i := range records {
		r := &records[i]
		part([]byte(r.Stream))
		part(r.Key)
		part(r.Value)
		b = binary.AppendUvarint(b, uint64(len(r.Headers)))
		for _, h := range r.Headers {
			part([]byte(h.Key))
			part(h.Value)
		}
	}
	packed := make([]byte, 1, 1+s2.MaxEncodedLen(len(b))/2)
	return append(packed, s2.Encode(nil, b)...)
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
