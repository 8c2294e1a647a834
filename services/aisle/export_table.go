package main

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"aisle/offers"
	"aisle/offers/feature"
)

// table writes rows of a Parquet file: the columns of a struct, and one for each
// feature, which is null, or has no keys, where nothing was known.
type table struct {
	writer   *parquet.GenericWriter[any]
	row      reflect.Type
	fixed    int // columns of the struct
	features *feature.Set
}

// rowsInGroup bounds what a table keeps in memory.
const rowsInGroup = 10_000

func newTable(w io.Writer, fixed reflect.Type, features *feature.Set) *table {
	t := &table{fixed: fixed.NumField(), features: features}
	fields := make([]reflect.StructField, 0, t.fixed+len(features.Definitions()))
	for i := range t.fixed {
		f := fixed.Field(i)
		fields = append(fields, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
	}
	for i, d := range features.Definitions() {
		f := reflect.StructField{Name: fmt.Sprint("Feature", i)}
		switch d.Type() {
		case feature.Number:
			f.Type, f.Tag = reflect.TypeFor[*float64](), reflect.StructTag(fmt.Sprintf(`parquet:"feature_%s,optional"`, d.Name))
		case feature.Text:
			f.Type, f.Tag = reflect.TypeFor[*string](), reflect.StructTag(fmt.Sprintf(`parquet:"feature_%s,optional"`, d.Name))
		case feature.Numbers:
			f.Type, f.Tag = reflect.TypeFor[map[string]float64](), reflect.StructTag(fmt.Sprintf(`parquet:"feature_%s"`, d.Name))
		}
		fields = append(fields, f)
	}
	t.row = reflect.StructOf(fields)
	schema := parquet.SchemaOf(reflect.New(t.row).Interface())
	t.writer = parquet.NewGenericWriter[any](w, schema, parquet.MaxRowsPerRowGroup(rowsInGroup), parquet.Compression(&zstd.Codec{}))
	return t
}

// write adds a row: a pointer to the struct, and features. Those that have no
// column go into the struct's field Other, as JSON.
func (t *table) write(fixed any, known offers.Features) error {
	values, err := known.Values()
	if err != nil {
		return err
	}
	row := reflect.New(t.row)
	from := reflect.ValueOf(fixed).Elem()
	for i := range t.fixed {
		row.Elem().Field(i).Set(from.Field(i))
	}
	other := map[string]any{}
	for name, value := range values {
		i := t.features.Index(name)
		if i < 0 || !put(row.Elem().Field(t.fixed+i), value) {
			other[name] = value
		}
	}
	if f := row.Elem().FieldByName("Other"); f.IsValid() && len(other) > 0 {
		b, err := json.Marshal(other)
		if err != nil {
			return fmt.Errorf("features: %w: %w", offers.ErrInvalid, err)
		}
		f.SetString(string(b))
	}
	_, err = t.writer.Write([]any{row.Interface()})
	return err
}

// put sets a column to what a decision recorded, if it is of its type.
func put(column reflect.Value, value any) bool {
	switch v := value.(type) {
	case float64:
		if column.Type() == reflect.TypeFor[*float64]() {
			column.Set(reflect.ValueOf(&v))
			return true
		}
	case string:
		if column.Type() == reflect.TypeFor[*string]() {
			column.Set(reflect.ValueOf(&v))
			return true
		}
	case map[string]any:
		numbers := make(map[string]float64, len(v))
		for key, n := range v {
			n, ok := n.(float64)
			if !ok {
				return false
			}
			numbers[key] = n
		}
		if column.Type() == reflect.TypeFor[map[string]float64]() {
			column.Set(reflect.ValueOf(numbers))
			return true
		}
	}
	return false
}

func (t *table) close() error { return t.writer.Close() }
