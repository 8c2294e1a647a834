package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// Values are packed by their Go types, so that a field that is new is kept
// without anybody having to think of it: a struct is its fields that are not
// zero, each behind a tag of its JSON name and its wire type, up to a tag of 0.
// Who does not know a name skips it by its wire type, so that two versions can
// read each other. Maps are in the order of their keys: the same value has the
// same bytes. It takes a third of JSON's time and half its room.

// wire says how long a value is.
type wire byte

const (
	wireInt    wire = iota // varint, zigzag
	wireFloat              // 8 bytes
	wireBytes              // length, bytes
	wireStruct             // tags and values, tag 0
	wireList               // count, wire, values
	wireMap                // count, wires of key and value, pairs
	wireTime               // seconds since 1970, nanoseconds: varints
)

// packer packs values of one type.
type packer struct {
	wire   wire
	pack   func(b []byte, v reflect.Value) []byte
	unpack func(r *reader, v reflect.Value)
	zero   func(v reflect.Value) bool
}

var packers sync.Map // of reflect.Type to *packer

// packerOf is the packer of a type. One that refers to itself is found while it
// is still being made.
func packerOf(t reflect.Type) *packer {
	if p, ok := packers.Load(t); ok {
		return p.(*packer)
	}
	made := map[reflect.Type]*packer{}
	p := makePacker(t, made)
	for t, p := range made {
		packers.Store(t, p)
	}
	return p
}

var timeType = reflect.TypeFor[time.Time]()

func makePacker(t reflect.Type, made map[reflect.Type]*packer) *packer {
	if p, ok := made[t]; ok {
		return p
	}
	p := &packer{zero: reflect.Value.IsZero}
	made[t] = p
	if t == timeType {
		p.wire, p.pack, p.unpack = wireTime, packTime, unpackTime
		p.zero = func(v reflect.Value) bool { return v.Addr().Interface().(*time.Time).IsZero() }
		return p
	}
	switch t.Kind() {
	case reflect.Bool:
		p.wire = wireInt
		p.pack = func(b []byte, v reflect.Value) []byte {
			if v.Bool() {
				return binary.AppendVarint(b, 1)
			}
			return binary.AppendVarint(b, 0)
		}
		p.unpack = func(r *reader, v reflect.Value) { v.SetBool(r.int() != 0) }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.wire = wireInt
		p.pack = func(b []byte, v reflect.Value) []byte { return binary.AppendVarint(b, v.Int()) }
		p.unpack = func(r *reader, v reflect.Value) { v.SetInt(r.int()) }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		p.wire = wireInt
		p.pack = func(b []byte, v reflect.Value) []byte { return binary.AppendVarint(b, int64(v.Uint())) }
		p.unpack = func(r *reader, v reflect.Value) { v.SetUint(uint64(r.int())) }
	case reflect.Float32, reflect.Float64:
		p.wire = wireFloat
		p.pack = func(b []byte, v reflect.Value) []byte {
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float()))
		}
		p.unpack = func(r *reader, v reflect.Value) { v.SetFloat(r.float()) }
	case reflect.String:
		p.wire = wireBytes
		p.pack = func(b []byte, v reflect.Value) []byte {
			s := v.String()
			return append(binary.AppendUvarint(b, uint64(len(s))), s...)
		}
		p.unpack = func(r *reader, v reflect.Value) { v.SetString(r.string()) }
	case reflect.Pointer:
		of := makePacker(t.Elem(), made)
		p.wire, p.zero = wireStruct, reflect.Value.IsNil
		if t.Elem().Kind() != reflect.Struct || t.Elem() == timeType {
			panic(fmt.Sprintf("state: no packing of %s", t))
		}
		p.pack = func(b []byte, v reflect.Value) []byte {
			if v.IsNil() { // in a list or map: comes back as one to nothing
				return append(b, 0, 0)
			}
			return of.pack(b, v.Elem())
		}
		p.unpack = func(r *reader, v reflect.Value) {
			v.Set(reflect.New(t.Elem()))
			of.unpack(r, v.Elem())
		}
	case reflect.Slice:
		p.slice(t, made)
	case reflect.Map:
		p.mapping(t, made)
	case reflect.Struct:
		p.structure(t, made)
	default:
		panic(fmt.Sprintf("state: no packing of %s", t))
	}
	return p
}

func packTime(b []byte, v reflect.Value) []byte {
	t := v.Addr().Interface().(*time.Time)
	return binary.AppendUvarint(binary.AppendVarint(b, t.Unix()), uint64(t.Nanosecond()))
}

func unpackTime(r *reader, v reflect.Value) {
	seconds, nanos := r.int(), r.uint()
	if nanos >= uint64(time.Second) {
		r.fail(errWire)
	}
	if r.err == nil {
		*v.Addr().Interface().(*time.Time) = time.Unix(seconds, int64(nanos)).UTC()
	}
}

func (p *packer) slice(t reflect.Type, made map[reflect.Type]*packer) {
	p.zero = func(v reflect.Value) bool { return v.Len() == 0 }
	if t.Elem().Kind() == reflect.Uint8 {
		p.wire = wireBytes
		p.pack = func(b []byte, v reflect.Value) []byte {
			return append(binary.AppendUvarint(b, uint64(v.Len())), v.Bytes()...)
		}
		p.unpack = func(r *reader, v reflect.Value) { v.SetBytes([]byte(r.string())) }
		return
	}
	of := makePacker(t.Elem(), made)
	p.wire = wireList
	p.pack = func(b []byte, v reflect.Value) []byte {
		n := v.Len()
		b = append(binary.AppendUvarint(b, uint64(n)), byte(of.wire))
		for i := range n {
			b = of.pack(b, v.Index(i))
		}
		return b
	}
	p.unpack = func(r *reader, v reflect.Value) {
		n := r.count()
		if r.wire() != of.wire {
			r.fail(errWire)
		}
		if r.err != nil || n == 0 {
			return
		}
		v.Set(reflect.MakeSlice(t, n, n))
		for i := range n {
			of.unpack(r, v.Index(i))
		}
	}
}

// pair is room for what lies in a map, which has no address there, and for the
// keys of one that is being packed.
type pair struct {
	key, value reflect.Value
	keys       []string
}

func (p *packer) mapping(t reflect.Type, made map[reflect.Type]*packer) {
	if t.Key().Kind() != reflect.String {
		panic(fmt.Sprintf("state: no packing of %s", t))
	}
	of := makePacker(t.Elem(), made)
	// Profiles have many small maps: without rooms that are used again, most of what
	// packing allocates would be these.
	rooms := sync.Pool{New: func() any {
		return &pair{key: reflect.New(t.Key()).Elem(), value: reflect.New(t.Elem()).Elem()}
	}}
	p.zero = func(v reflect.Value) bool { return v.Len() == 0 }
	p.wire = wireMap
	p.pack = func(b []byte, v reflect.Value) []byte {
		room, _ := rooms.Get().(*pair)
		defer rooms.Put(room)
		room.keys = room.keys[:0]
		for i := v.MapRange(); i.Next(); {
			room.key.SetIterKey(i)
			room.keys = append(room.keys, room.key.String())
		}
		slices.Sort(room.keys)
		b = append(binary.AppendUvarint(b, uint64(len(room.keys))), byte(wireBytes), byte(of.wire))
		for _, k := range room.keys {
			b = append(binary.AppendUvarint(b, uint64(len(k))), k...)
			room.key.SetString(k)
			room.value.Set(v.MapIndex(room.key))
			b = of.pack(b, room.value)
		}
		return b
	}
	p.unpack = func(r *reader, v reflect.Value) {
		n := r.count()
		if r.wire() != wireBytes || r.wire() != of.wire {
			r.fail(errWire)
		}
		if r.err != nil {
			return
		}
		room, _ := rooms.Get().(*pair)
		defer rooms.Put(room)
		v.Set(reflect.MakeMapWithSize(t, n))
		for range n {
			room.key.SetString(r.string())
			room.value.SetZero()
			if of.unpack(r, room.value); r.err != nil {
				return
			}
			v.SetMapIndex(room.key, room.value)
		}
	}
}

// field is one of a struct's.
type field struct {
	index int
	tag   uint16
	*packer
}

func (p *packer) structure(t reflect.Type, made map[reflect.Type]*packer) {
	var fields []field
	byTag := map[uint16]*field{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		fields = append(fields, field{index: i, packer: makePacker(f.Type, made), tag: tagOf(name)})
	}
	for i := range fields {
		f := &fields[i]
		if other, ok := byTag[f.tag]; ok {
			panic(fmt.Sprintf("state: fields %s and %s of %s have one tag: rename one", t.Field(other.index).Name, t.Field(f.index).Name, t))
		}
		byTag[f.tag] = f
	}
	p.wire = wireStruct
	p.pack = func(b []byte, v reflect.Value) []byte {
		for i := range fields {
			f := &fields[i]
			if at := v.Field(f.index); !f.zero(at) {
				b = binary.LittleEndian.AppendUint16(b, f.tag<<3|uint16(f.wire))
				b = f.pack(b, at)
			}
		}
		return append(b, 0, 0)
	}
	p.unpack = func(r *reader, v reflect.Value) {
		next := 0 // fields come in their order
		for r.err == nil {
			tag := r.tag()
			if tag == 0 {
				return
			}
			for next < len(fields) && fields[next].tag != tag>>3 {
				next++
			}
			f := byTag[tag>>3]
			if next < len(fields) {
				f = &fields[next]
			} else {
				next = 0
			}
			if f == nil || f.wire != wire(tag&7) {
				r.skip(wire(tag&7), 0)
				continue
			}
			f.unpack(r, v.Field(f.index))
		}
	}
}

// tagOf makes 13 bits of a name, never all of them zero.
func tagOf(name string) uint16 {
	h := fnv.New32a()
	h.Write([]byte(name))
	sum := h.Sum32()
	return uint16((sum^sum>>13^sum>>26)%(1<<13-1) + 1)
}

var (
	errWire = errors.New("a value of another type")
	errCut  = errors.New("packed value is cut short")
)

// reader takes values off what was packed. After an error it gives zeros.
type reader struct {
	rest string // strings are parts of it, all in one allocation
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.rest = ""
}

func (r *reader) uint() uint64 {
	var n uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		c := r.rest[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.fail(errCut)
	return 0
}

func (r *reader) int() int64 {
	n := r.uint()
	return int64(n>>1) ^ -int64(n&1)
}

// count is how many follow, of a byte at least each.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.rest)) {
		r.fail(errCut)
		return 0
	}
	return int(n)
}

func (r *reader) string() string {
	n := r.count()
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) float() float64 {
	if len(r.rest) < 8 {
		r.fail(errCut)
		return 0
	}
	var bits uint64
	for i := range 8 {
		bits |= uint64(r.rest[i]) << (8 * i)
	}
	r.rest = r.rest[8:]
	return math.Float64frombits(bits)
}

func (r *reader) tag() uint16 {
	if len(r.rest) < 2 {
		r.fail(errCut)
		return 0
	}
	t := uint16(r.rest[0]) | uint16(r.rest[1])<<8
	r.rest = r.rest[2:]
	return t
}

func (r *reader) wire() wire {
	if r.rest == "" {
		r.fail(errCut)
		return 0
	}
	w := wire(r.rest[0])
	r.rest = r.rest[1:]
	return w
}

// deepest bounds what is skipped of what somebody else has written.
const deepest = 32

func (r *reader) skip(w wire, depth int) {
	if depth > deepest {
		r.fail(errWire)
	}
	if r.err != nil {
		return
	}
	switch w {
	case wireInt:
		r.uint()
	case wireFloat:
		r.float()
	case wireBytes:
		r.string()
	case wireTime:
		r.uint()
		r.uint()
	case wireStruct:
		for tag := r.tag(); tag != 0; tag = r.tag() {
			r.skip(wire(tag&7), depth+1)
		}
	case wireList:
		n, of := r.count(), r.wire()
		for range n {
			r.skip(of, depth+1)
		}
	case wireMap:
		n, key, of := r.count(), r.wire(), r.wire()
		for range n {
			r.skip(key, depth+1)
			r.skip(of, depth+1)
		}
	default:
		r.fail(errWire)
	}
}
