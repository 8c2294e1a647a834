package vision

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"aisle/offers"
)

// clipAttributes rewrites the Clip nodes of an ONNX model so that OpenCV 4.6
// reads them: since operator set 11 the limits are inputs, and its importer
// knows only the attributes of before. Models without such nodes come out as
// they were. It walks protobuf's wire format, of which it needs five messages
// (onnx.proto3), rather than bring a library and its generated code.
func clipAttributes(model []byte) ([]byte, error) {
	fields, err := parseMessage(model)
	if err != nil {
		return nil, fmt.Errorf("onnx model: %w: %w", offers.ErrInvalid, err)
	}
	for i := range fields {
		if fields[i].number != modelGraph {
			continue
		}
		if fields[i].bytes, err = clipGraph(fields[i].bytes); err != nil {
			return nil, fmt.Errorf("onnx graph: %w: %w", offers.ErrInvalid, err)
		}
	}
	return writeMessage(fields), nil
}

// Numbers of fields in onnx.proto3.
const (
	modelGraph = 7

	graphNode        = 1
	graphInitializer = 5
	graphInput       = 11
	graphOutput      = 12

	valueName   = 1
	valueType   = 2
	typeTensor  = 1
	tensorShape = 2
	shapeSize   = 1 // a dimension, and its number

	nodeInput     = 1
	nodeOutput    = 2
	nodeOperator  = 4
	nodeAttribute = 5

	attributeName   = 1
	attributeFloat  = 2
	attributeTensor = 5
	attributeType   = 20
	typeFloat       = 1

	tensorFloats = 4
	tensorName   = 8
	tensorRaw    = 9
)

// onnxShape is what a model must be for one use. A model of another use makes
// OpenCV throw, and so ends the process.
type onnxShape struct {
	side    int      // of the picture that it takes; 0: any
	outputs []string // that it must have; none: it must have one
}

// check tells in words what a model is instead.
func (w onnxShape) check(model []byte) error {
	if len(model) == 0 {
		return fmt.Errorf("model: %w: it is empty", offers.ErrInvalid)
	}
	fields, err := parseMessage(model)
	if err != nil {
		return fmt.Errorf("model: %w: it is no ONNX: %w", offers.ErrInvalid, err)
	}
	var takes [][]int
	var gives []string
	for _, f := range fields {
		if f.number != modelGraph || f.wire != wireBytes {
			continue
		}
		graph, err := parseMessage(f.bytes)
		if err != nil {
			return fmt.Errorf("model: %w: it is no ONNX: %w", offers.ErrInvalid, err)
		}
		for _, g := range graph {
			switch g.number {
			case graphInput:
				takes = append(takes, sizes(g.bytes))
			case graphOutput:
				gives = append(gives, string(first(g.bytes, valueName).bytes))
			}
		}
	}
	picture := func(size []int) bool {
		return len(size) == 4 && size[1] == 3 && (w.side == 0 || size[2] == w.side && size[3] == w.side)
	}
	if !slices.ContainsFunc(takes, picture) {
		return fmt.Errorf("model: %w: it does not take pictures in colour of the right size (%d; it takes %v)", offers.ErrInvalid, w.side, takes)
	}
	missing := slices.ContainsFunc(w.outputs, func(name string) bool { return !slices.Contains(gives, name) })
	if missing || w.outputs == nil && len(gives) != 1 {
		return fmt.Errorf("model: %w: it is for another use: it gives %q", offers.ErrInvalid, gives)
	}
	return nil
}

// sizes are the dimensions of a value that a graph takes; 0 is any size.
func sizes(value []byte) []int {
	shape := first(first(first(value, valueType).bytes, typeTensor).bytes, tensorShape)
	fields, err := parseMessage(shape.bytes)
	if err != nil {
		return nil
	}
	var all []int
	for _, f := range fields {
		if f.number == shapeSize {
			all = append(all, int(first(f.bytes, shapeSize).varint))
		}
	}
	return all
}

// first is a message's first field of a number; empty where there is none.
func first(message []byte, number int) field {
	fields, err := parseMessage(message)
	if at := slices.IndexFunc(fields, func(f field) bool { return f.number == number }); err == nil && at >= 0 {
		return fields[at]
	}
	return field{}
}

func clipGraph(graph []byte) ([]byte, error) {
	fields, err := parseMessage(graph)
	if err != nil {
		return nil, err
	}
	numbers, err := constants(fields)
	if err != nil {
		return nil, err
	}
	for i := range fields {
		if fields[i].number != graphNode {
			continue
		}
		node, err := parseMessage(fields[i].bytes)
		if err != nil {
			return nil, err
		}
		var operator string
		var inputs []string
		var rest []field // all but the limits
		for _, f := range node {
			switch f.number {
			case nodeOperator:
				operator = string(f.bytes)
			case nodeInput:
				if inputs = append(inputs, string(f.bytes)); len(inputs) > 1 {
					continue
				}
			}
			rest = append(rest, f)
		}
		if operator != "Clip" || len(inputs) < 2 {
			continue
		}
		limits := [2]float32{-math.MaxFloat32, math.MaxFloat32}
		for k, name := range inputs[1:min(3, len(inputs))] {
			if name == "" {
				continue
			}
			v, ok := numbers[name]
			if !ok {
				return nil, fmt.Errorf("limit %q of a Clip is no constant", name)
			}
			limits[k] = v
		}
		fields[i].bytes = writeMessage(append(rest, floatAttribute("min", limits[0]), floatAttribute("max", limits[1])))
	}
	return writeMessage(fields), nil
}

// constants are the single numbers that a graph names: initializers, and what
// Constant nodes put out.
func constants(graph []field) (map[string]float32, error) {
	numbers := map[string]float32{}
	for _, f := range graph {
		switch f.number {
		case graphInitializer:
			name, v, ok, err := scalar(f.bytes)
			if err != nil {
				return nil, err
			}
			if ok {
				numbers[name] = v
			}
		case graphNode:
			node, err := parseMessage(f.bytes)
			if err != nil {
				return nil, err
			}
			var output string
			for _, n := range node {
				if n.number == nodeOutput {
					output = string(n.bytes)
				}
				if n.number != nodeAttribute {
					continue
				}
				attribute, err := parseMessage(n.bytes)
				if err != nil {
					return nil, err
				}
				for _, a := range attribute {
					if a.number != attributeTensor || a.wire != wireBytes {
						continue
					}
					_, v, ok, err := scalar(a.bytes)
					if err != nil {
						return nil, err
					}
					if ok { // a node's outputs are written before its attributes
						numbers[output] = v
					}
				}
			}
		}
	}
	return numbers, nil
}

// scalar reads a tensor of one float.
func scalar(tensor []byte) (name string, v float32, ok bool, err error) {
	fields, err := parseMessage(tensor)
	for _, f := range fields {
		switch f.number {
		case tensorName:
			name = string(f.bytes)
		case tensorFloats, tensorRaw:
			if len(f.bytes) == 4 {
				v, ok = math.Float32frombits(binary.LittleEndian.Uint32(f.bytes)), true
			}
		}
	}
	return name, v, ok, err
}

func floatAttribute(name string, v float32) field {
	return field{number: nodeAttribute, wire: wireBytes, bytes: writeMessage([]field{
		{number: attributeName, wire: wireBytes, bytes: []byte(name)},
		{number: attributeFloat, wire: wire32, bytes: binary.LittleEndian.AppendUint32(nil, math.Float32bits(v))},
		{number: attributeType, wire: wireVarint, varint: typeFloat},
	})}
}

// field is one field of a protobuf message.
type field struct {
	number int
	wire   int
	varint uint64
	bytes  []byte
}

const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wire32     = 5
)

func parseMessage(b []byte) ([]field, error) {
	var fields []field
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, fmt.Errorf("broken key")
		}
		b = b[n:]
		f := field{number: int(key >> 3), wire: int(key & 7)}
		size := uint64(0)
		switch f.wire {
		case wireVarint:
			if f.varint, n = binary.Uvarint(b); n <= 0 {
				return nil, fmt.Errorf("field %d: broken number", f.number)
			}
			b = b[n:]
		case wire64:
			size = 8
		case wire32:
			size = 4
		case wireBytes:
			if size, n = binary.Uvarint(b); n <= 0 {
				return nil, fmt.Errorf("field %d: broken length", f.number)
			}
			b = b[n:]
		default:
			return nil, fmt.Errorf("field %d: wire type %d", f.number, f.wire)
		}
		if size > uint64(len(b)) {
			return nil, fmt.Errorf("field %d: %d bytes of %d are there", f.number, len(b), size)
		}
		f.bytes, b = b[:size], b[size:]
		fields = append(fields, f)
	}
	return fields, nil
}

func writeMessage(fields []field) []byte {
	var b []byte
	for _, f := range fields {
		b = binary.AppendUvarint(b, uint64(f.number)<<3|uint64(f.wire))
		switch f.wire {
		case wireVarint:
			b = binary.AppendUvarint(b, f.varint)
		case wireBytes:
			b = binary.AppendUvarint(b, uint64(len(f.bytes)))
			b = append(b, f.bytes...)
		default:
			b = append(b, f.bytes...)
		}
	}
	return b
}
