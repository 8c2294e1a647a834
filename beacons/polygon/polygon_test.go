package polygon

import (
	"math"
	"testing"

	"aisle/offers"
)

func pts(xy ...float64) (points []offers.Point) {
	for i := 0; i < len(xy); i += 2 {
		points = append(points, offers.Point{X: xy[i], Y: xy[i+1]})
	}
	return points
}

var (
	square = pts(0, 0, 4, 0, 4, 4, 0, 4)
	ell    = pts(0, 0, 4, 0, 4, 1, 1, 1, 1, 4, 0, 4)
	tie    = pts(0, 0, 4, 4, 4, 0, 0, 4)
)

func TestShapes(t *testing.T) {
	tests := []struct {
		name           string
		polygon        []offers.Point
		area, width    float64
		simple         bool
		inside, beside offers.Point
		centre         offers.Point
	}{
		{"square", square, 16, 4, true, offers.Point{X: 1, Y: 1}, offers.Point{X: 5, Y: 1}, offers.Point{X: 2, Y: 2}},
		{"the other way round", pts(0, 4, 4, 4, 4, 0, 0, 0), 16, 4, true, offers.Point{X: 3.9, Y: 3.9}, offers.Point{X: -.1, Y: 1}, offers.Point{X: 2, Y: 2}},
		{"ell", ell, 7, 3.5, true, offers.Point{X: .5, Y: 3}, offers.Point{X: 2, Y: 2}, offers.Point{X: 9.5 / 7, Y: 9.5 / 7}},
		{"bow tie", tie, 0, 4, false, offers.Point{X: 1, Y: 2}, offers.Point{X: 2, Y: 1}, offers.Point{X: 2, Y: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Area(tt.polygon); math.Abs(got-tt.area) > 1e-9 {
				t.Errorf("area %v, want %v", got, tt.area)
			}
			if got := Width(tt.polygon); math.Abs(got-tt.width) > .1 {
				t.Errorf("width %v, want %v", got, tt.width)
			}
			if got := Simple(tt.polygon); got != tt.simple {
				t.Errorf("simple %v, want %v", got, tt.simple)
			}
			if !Contains(tt.polygon, tt.inside) || Contains(tt.polygon, tt.beside) {
				t.Errorf("inside %v, beside %v", Contains(tt.polygon, tt.inside), Contains(tt.polygon, tt.beside))
			}
			if got := Centre(tt.polygon); math.Hypot(got.X-tt.centre.X, got.Y-tt.centre.Y) > 1e-9 {
				t.Errorf("centre %v, want %v", got, tt.centre)
			}
		})
	}
	if Area(nil) != 0 || Width(nil) != 0 || Contains(nil, offers.Point{}) || !Simple(nil) || Centre(nil) != (offers.Point{}) || Around() != (Box{}) {
		t.Error("nothing is something")
	}
}

func TestShared(t *testing.T) {
	for name, tt := range map[string]struct {
		a, b []offers.Point
		want float64
	}{
		"half":          {square, pts(2, 0, 6, 0, 6, 4, 2, 4), 8},
		"a shared wall": {square, pts(4, 0, 8, 0, 8, 4, 4, 4), 0},
		"far apart":     {square, pts(40, 0, 80, 0, 80, 4, 40, 4), 0},
		"one in other":  {square, pts(1, 1, 2, 1, 2, 2, 1, 2), 1},
		"in the corner": {ell, pts(1.1, 1.1, 4, 1.1, 4, 4, 1.1, 4), 0},
	} {
		if got := Shared(tt.a, tt.b); math.Abs(got-tt.want) > .05 {
			t.Errorf("%s: %v m², want %v", name, got, tt.want)
		}
	}
}

func TestCrosses(t *testing.T) {
	for name, tt := range map[string]struct {
		p    []offers.Point
		want bool
	}{
		"a cross":         {pts(0, 0, 2, 2, 0, 2, 2, 0), true},
		"a touch":         {pts(0, 0, 2, 2, 1, 1, 5, 1), false},
		"parallels":       {pts(0, 0, 2, 0, 0, 1, 2, 1), false},
		"one after other": {pts(0, 0, 1, 0, 1, 0, 2, 0), false},
	} {
		if got := Crosses(tt.p[0], tt.p[1], tt.p[2], tt.p[3]); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
