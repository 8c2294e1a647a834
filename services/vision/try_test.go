//go:build gocv

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aisle/offers"
)

// TestMain lets this program try models for itself, as aisle-vision does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == tryCommand {
		main()
		return
	}
	os.Exit(m.Run())
}

// describerLike is an ONNX file that looks like a describer of faces, whose one
// node nobody knows.
func describerLike(operator string, side byte) []byte {
	part := func(number int, body ...byte) []byte {
		return append([]byte{byte(number<<3 | 2), byte(len(body))}, body...)
	}
	size := func(n byte) []byte { return part(1, 1<<3, n) }
	value := func(name string, sizes ...byte) []byte {
		var shape []byte
		for _, n := range sizes {
			shape = append(shape, size(n)...)
		}
		tensor := append([]byte{1 << 3, 1}, part(2, shape...)...)
		return append(part(1, []byte(name)...), part(2, part(1, tensor...)...)...)
	}
	node := append(append(part(1, 'x'), part(2, 'y')...), part(4, []byte(operator)...)...)
	graph := append(append(append(part(1, node...), part(2, 'g')...), part(11, value("x", 1, 3, side, side)...)...), part(12, value("y", 1, 100)...)...)
	return append([]byte{1 << 3, 7}, append(part(7, graph...), part(8, 2<<3, 11)...)...)
}

func TestModelsThatOpenCVCannotUseAreToldInWords(t *testing.T) {
	tests := map[string]struct {
		model []byte
		want  string
	}{
		"what OpenCV throws at":    {describerLike("NoSuchOperator", 112), "OpenCV cannot use them"},
		"pictures of another size": {describerLike("Relu", 64), "right size"},
		"no describer":             {describerLike("Relu", 112), "for another use"},
		"no model":                 {[]byte("hello"), "onnx model"},
		"empty":                    {nil, "empty"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "model.onnx")
			must(t, os.WriteFile(path, test.model, 0o600))
			sum := sha256.Sum256(test.model)
			config := filepath.Join(t.TempDir(), "vision.yaml")
			must(t, os.WriteFile(config, []byte("edge_key: k\ndescriber: {kind: net, path: "+path+", sha256: "+hex.EncodeToString(sum[:])+"}\ndata: "+t.TempDir()), 0o600))
			err := command(context.Background(), []string{"-config", config, "-check"}, strings.NewReader(""), io.Discard)
			if !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want invalid with %q", err, test.want)
			}
		})
	}
}
