package rank

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"aisle/offers"
)

// The encoding of a snapshot: magic with the format's number, then as varints
// the size, the snapshot's number, what it has learned and how many weights
// follow; then each weight that has moved from the prior, as the distance of
// its slot from the one before and two 32-bit floats, little-endian; last a
// CRC-32C of everything before it.
const magic = "aisle rank 1\n"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Encode packs the snapshot.
func (m *Model) Encode() []byte {
	moved := 0
	for _, w := range m.weights {
		if w != (weight{variance: prior}) {
			moved++
		}
	}
	b := make([]byte, 0, len(magic)+40+moved*10)
	b = append(b, magic...)
	for _, n := range []uint64{slotBits, m.number, m.learned, uint64(moved)} {
		b = binary.AppendUvarint(b, n)
	}
	last := 0
	for i, w := range m.weights {
		if w == (weight{variance: prior}) {
			continue
		}
		b = binary.AppendUvarint(b, uint64(i-last))
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(w.mean))
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(w.variance))
		last = i
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// Decode unpacks a snapshot. The error is ErrInvalid.
func Decode(b []byte) (*Model, error) {
	m, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("model snapshot: %w: %w", offers.ErrInvalid, err)
	}
	return m, nil
}

var (
	errMagic    = errors.New("not a snapshot of this format")
	errChecksum = errors.New("checksum differs: damaged")
	errShort    = errors.New("cut short")
)

func decode(b []byte) (*Model, error) {
	if len(b) < len(magic)+4 || string(b[:len(magic)]) != magic {
		return nil, errMagic
	}
	body := b[:len(b)-4]
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(b[len(b)-4:]) {
		return nil, errChecksum
	}
	body = body[len(magic):]
	var head [4]uint64
	for i := range head {
		n, used := binary.Uvarint(body)
		if used <= 0 {
			return nil, errShort
		}
		head[i], body = n, body[used:]
	}
	if head[0] != slotBits {
		return nil, fmt.Errorf("has 2^%d weights, this program 2^%d", head[0], slotBits)
	}
	m := New()
	m.number, m.learned = head[1], head[2]
	at := uint64(0)
	for range head[3] {
		distance, used := binary.Uvarint(body)
		if used <= 0 || len(body) < used+8 || distance >= slots || at+distance >= slots {
			return nil, errShort
		}
		at += distance
		w := weight{
			mean:     math.Float32frombits(binary.LittleEndian.Uint32(body[used:])),
			variance: math.Float32frombits(binary.LittleEndian.Uint32(body[used+4:])),
		}
		if !(w.variance > 0) || w.mean != w.mean || math.IsInf(float64(w.mean), 0) || math.IsInf(float64(w.variance), 0) {
			return nil, fmt.Errorf("weight %d is no belief: %v, %v", at, w.mean, w.variance)
		}
		m.weights[at], body = w, body[used+8:]
	}
	if len(body) != 0 {
		return nil, errShort
	}
	return m, nil
}
