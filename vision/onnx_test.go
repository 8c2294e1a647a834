package vision

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

func text(number int, s string) field {
	return field{number: number, wire: wireBytes, bytes: []byte(s)}
}

func message(number int, fields ...field) field {
	return field{number: number, wire: wireBytes, bytes: writeMessage(fields)}
}

func number(name string, v float32) []field {
	return []field{text(tensorName, name), {number: tensorRaw, wire: wireBytes, bytes: binary.LittleEndian.AppendUint32(nil, math.Float32bits(v))}}
}

func model(nodes ...field) []byte {
	return writeMessage([]field{{number: 1, wire: wireVarint, varint: 7}, message(modelGraph, nodes...)})
}

func TestClipLimitsBecomeAttributes(t *testing.T) {
	clip := func(rest ...field) field {
		return message(graphNode, append([]field{text(nodeInput, "x")}, rest...)...)
	}
	end := []field{text(nodeOutput, "y"), text(nodeOperator, "Clip")}
	lo, hi := message(graphInitializer, number("lo", 0)...), message(graphInitializer, number("hi", 6)...)
	constant := message(graphNode, text(nodeOutput, "hi"), text(nodeOperator, "Constant"),
		message(nodeAttribute, text(attributeName, "value"), message(attributeTensor, number("", 6)...)))
	zeroToSix := clip(append(end, floatAttribute("min", 0), floatAttribute("max", 6))...)
	inputs := func(names ...string) field {
		var f []field
		for _, n := range names {
			f = append(f, text(nodeInput, n))
		}
		return clip(append(f, end...)...)
	}
	tests := map[string]struct {
		model, want []byte
		invalid     bool
	}{
		"from initializers":  {model: model(lo, hi, inputs("lo", "hi")), want: model(lo, hi, zeroToSix)},
		"from a constant":    {model: model(lo, constant, inputs("lo", "hi")), want: model(lo, constant, zeroToSix)},
		"one limit":          {model: model(lo, inputs("lo")), want: model(lo, clip(append(end, floatAttribute("min", 0), floatAttribute("max", math.MaxFloat32))...))},
		"a limit left out":   {model: model(hi, inputs("", "hi")), want: model(hi, clip(append(end, floatAttribute("min", -math.MaxFloat32), floatAttribute("max", 6))...))},
		"attributes already": {model: model(zeroToSix), want: model(zeroToSix)},
		"computed limit":     {model: model(inputs("lo")), invalid: true},
		"not protobuf":       {model: []byte("not a model"), invalid: true},
		"cut off":            {model: model(lo, hi)[:12], invalid: true},
		"empty":              {model: nil, want: nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := clipAttributes(test.model)
			if errors.Is(err, offers.ErrInvalid) != test.invalid {
				t.Fatalf("error %v, want invalid %v", err, test.invalid)
			}
			if diff := cmp.Diff(test.want, got); diff != "" && !test.invalid {
				t.Errorf("model (-want +got):\n%s", diff)
			}
		})
	}
}

func TestModelsOfAnotherUse(t *testing.T) {
	value := func(number int, name string, sizes ...uint64) field {
		var shape []field
		for _, n := range sizes {
			shape = append(shape, message(shapeSize, field{number: shapeSize, wire: wireVarint, varint: n}))
		}
		return message(number, text(valueName, name), message(valueType, message(typeTensor, message(tensorShape, shape...))))
	}
	describer := model(value(graphInput, "x", 1, 3, 112, 112), value(graphOutput, "y", 1, 128))
	detector := model(value(graphInput, "input", 1, 3, 640, 640), value(graphOutput, "cls_8", 1, 6400, 1), value(graphOutput, "obj_8", 1, 6400, 1))
	describes, detects := onnxShape{side: 112}, onnxShape{outputs: []string{"cls_8", "obj_8"}}
	tests := map[string]struct {
		model []byte
		want  onnxShape
		ok    bool
	}{
		"a describer":             {describer, describes, true},
		"a detector":              {detector, detects, true},
		"describer as detector":   {describer, detects, false},
		"detector as describer":   {detector, describes, false},
		"of grey pictures":        {model(value(graphInput, "x", 1, 1, 112, 112), value(graphOutput, "y", 1, 128)), describes, false},
		"of two answers":          {model(value(graphInput, "x", 1, 3, 112, 112), value(graphOutput, "y", 1, 128), value(graphOutput, "z", 1)), describes, false},
		"an input without a size": {model(value(graphInput, "x"), value(graphOutput, "y", 1, 128)), describes, false},
		"no graph":                {writeMessage(nil), describes, false},
		"not protobuf":            {[]byte("hello"), describes, false},
		"empty":                   {nil, describes, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := test.want.check(test.model); (err == nil) != test.ok || err != nil && !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("got %v, want fine %v", err, test.ok)
			}
		})
	}
}

func FuzzClipAttributes(f *testing.F) {
	f.Add(model(message(graphInitializer, number("lo", 0)...)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := (onnxShape{side: 112}).check(b); err != nil && !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("error %v, want invalid", err)
		}
		if _, err := clipAttributes(b); err != nil && !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("error %v, want invalid", err)
		}
	})
}
