// Package house_test keeps the house as it was planned: which package may
// import which, what the pure ones must do without, and what no folder may be
// called. docs/adr says why.
package house_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "aisle"

// floors lists the rooms, ground floor first. A room may import rooms of lower
// floors only; those of one floor do not know each other. A room that ends in
// "/..." is a folder with all that is in it, whose packages may import one
// another.
var floors = [][]string{
	{"offers"},
	{
		"offers/feature/...", "offers/visit/...", "offers/message/...", "offers/identity/...", "offers/rank/...", "offers/evaluate/...",
		"beacons/...", "vision/...",
	},
	{"offers/rule/..."},     // speaks of features
	{"offers/scenario/..."}, // its steps have rules
	{"offers/decide/...", "offers/campaigns/...", "offers/evalrank/..."},
	{"offers/preflight/...", "offers/experiment/..."}, // decide once more, and judge it
	{"services/stream/...", "services/state/...", "services/catalog/...", "services/config/...", "services/formats/...", "services/again/..."},
	{"services/door/..."}, // what doors to the web have in common
	{
		"services/collector/...", "services/beacons/...", "services/decider/...", "services/learner/...",
		"services/notifier/...", "services/console/...", "services/demo/...", "services/ingest/...",
	},
	{"services/aisle/...", "services/vision/...", "e2e/..."},
}

// pure lists the rooms that take time, randomness and input as arguments: the
// same input gives the same answer, on any machine, at any time.
var pure = []string{"offers/...", "beacons/...", "vision/...", "services/formats/..."}

// impure is what a pure room may not import.
var impure = []string{"os", "os/exec", "os/signal", "net", "net/http", "syscall", "database/sql", "log", "plugin"}

// unasked is what a pure room may not call: clocks, and randomness without a
// seed. Receivers of a *rand.Rand are fine, the package's own functions not.
var unasked = map[string][]string{
	"time":         {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"},
	"math/rand":    {"Int", "Intn", "Float64", "Perm", "Shuffle", "NormFloat64", "ExpFloat64"},
	"math/rand/v2": {"Int", "IntN", "N", "Uint64", "Float64", "Perm", "Shuffle", "NormFloat64", "ExpFloat64"},
}

// noPlace lists the names of folders that say nothing of the shop: whatever is
// put there has a better place.
var noPlace = []string{"util", "utils", "common", "helper", "helpers", "types", "models", "shared", "manager", "misc", "lib"}

func TestFloors(t *testing.T) {
	for _, pkg := range packages(t) {
		from := local(pkg.ImportPath)
		room, at, ok := roomOf(from)
		if !ok {
			t.Errorf("%s is on no floor of the plan: give it one in plan_test.go, or a better place", from)
			continue
		}
		for _, imported := range pkg.Imports {
			if !ours(imported) {
				continue
			}
			to := local(imported)
			switch toRoom, toAt, ok := roomOf(to); {
			case !ok, toRoom == room, toAt < at:
			case toAt == at:
				t.Errorf("%s may not import %s: they share a floor, and meet only at the streams", from, to)
			default:
				t.Errorf("%s may not import %s: it is on a higher floor", from, to)
			}
		}
	}
}

func TestVocabularyNeedsOnlyTheStandardLibrary(t *testing.T) {
	for _, pkg := range packages(t) {
		if local(pkg.ImportPath) != "offers" {
			continue
		}
		for _, imported := range pkg.Imports {
			if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") || ours(imported) {
				t.Errorf("offers may not import %s: it imports the standard library only", imported)
			}
		}
	}
}

func TestPureRoomsImportNoOutsideWorld(t *testing.T) {
	for _, pkg := range packages(t) {
		if !within(local(pkg.ImportPath), pure) {
			continue
		}
		for _, imported := range pkg.Imports {
			if slices.Contains(impure, imported) {
				t.Errorf("%s may not import %s: it is pure", local(pkg.ImportPath), imported)
			}
		}
	}
}

func TestPureRoomsAskNoClockAndNoDice(t *testing.T) {
	for _, pkg := range packages(t) {
		if !within(local(pkg.ImportPath), pure) {
			continue
		}
		for _, name := range pkg.GoFiles {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(pkg.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			named := importNames(file)
			ast.Inspect(file, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(unasked[named[x.Name]], sel.Sel.Name) {
					t.Errorf("%s: a pure package takes what %s.%s gives as an argument", fset.Position(n.Pos()), x.Name, sel.Sel.Name)
				}
				return true
			})
		}
	}
}

func TestFoldersAreNouns(t *testing.T) {
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone while we look, as what a test writes is
		}
		if err != nil {
			return err
		}
		if !d.IsDir() || name == "." {
			return nil
		}
		if strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "dist" || d.Name() == "data" {
			return filepath.SkipDir
		}
		if slices.Contains(noPlace, strings.ToLower(d.Name())) {
			t.Errorf("%s says nothing of the shop: name it after what is in it", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// goPackage is what these tests read of `go list -json`.
type goPackage struct {
	Dir        string
	ImportPath string
	GoFiles    []string
	Imports    []string
}

// packages lists every package of the house, with and without OpenCV, without
// the house's own tests.
func packages(t *testing.T) []goPackage {
	t.Helper()
	seen := map[string]*goPackage{}
	for _, tags := range []string{"", "gocv"} {
		cmd := exec.Command("go", "list", "-e", "-tags="+tags, "-json=Dir,ImportPath,GoFiles,Imports", "./...")
		out, err := cmd.Output()
		if err != nil {
			if exit, ok := errors.AsType[*exec.ExitError](err); ok {
				t.Fatalf("go list: %v\n%s", err, exit.Stderr)
			}
			t.Fatal(err)
		}
		for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
			var pkg goPackage
			if err := dec.Decode(&pkg); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if pkg.ImportPath == module || strings.Contains(pkg.ImportPath, "/node_modules/") {
				continue // the root holds tests only
			}
			if before := seen[pkg.ImportPath]; before != nil {
				pkg.Imports = union(before.Imports, pkg.Imports)
				pkg.GoFiles = union(before.GoFiles, pkg.GoFiles)
			}
			seen[pkg.ImportPath] = &pkg
		}
	}
	if len(seen) == 0 {
		t.Fatal("go list found no package")
	}
	var all []goPackage
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		all = append(all, *seen[name])
	}
	return all
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// roomOf finds the room that a package is in, and its floor. The most exact
// room wins.
func roomOf(pkg string) (room string, floor int, ok bool) {
	for i, rooms := range floors {
		for _, r := range rooms {
			if within(pkg, []string{r}) && len(r) > len(room) {
				room, floor, ok = r, i, true
			}
		}
	}
	return room, floor, ok
}

// within tells whether a package is in one of the rooms.
func within(pkg string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(room string) bool {
		folder, all := strings.CutSuffix(room, "/...")
		return pkg == folder || all && strings.HasPrefix(pkg, folder+"/")
	})
}

func ours(imported string) bool { return strings.HasPrefix(imported, module+"/") }

func local(imported string) string { return strings.TrimPrefix(imported, module+"/") }

// importNames maps the names by which a file calls its imports to their paths.
func importNames(file *ast.File) map[string]string {
	named := map[string]string{}
	for _, spec := range file.Imports {
		imported := strings.Trim(spec.Path.Value, `"`)
		name := path.Base(strings.TrimSuffix(imported, "/v2"))
		if spec.Name != nil {
			name = spec.Name.Name
		}
		named[name] = imported
	}
	return named
}

func TestRoomOf(t *testing.T) {
	tests := map[string]string{
		"offers":                   "offers",
		"offers/rule":              "offers/rule/...",
		"services/stream/broker":   "services/stream/...",
		"services/notifier/twilio": "services/notifier/...",
		"offers/weather":           "",
		"services":                 "",
	}
	for pkg, want := range tests {
		t.Run(pkg, func(t *testing.T) {
			if got, _, ok := roomOf(pkg); got != want || ok != (want != "") {
				t.Errorf("roomOf(%q) = %q, %v; want %q", pkg, got, ok, want)
			}
		})
	}
}
