package offers

import "testing"

func TestWhom(t *testing.T) {
	tests := map[string]struct{ audience, eligibility, want string }{
		"everybody":              {"", " ", ""},
		"segments only":          {"orders > 3", "", "orders > 3"},
		"eligible only":          {"", `tier == "gold"`, `tier == "gold"`},
		"both, each for itself":  {`a || b`, `c || d`, `(a || b) && (c || d)`},
		"a remark ends its line": {"a // those", "b", "(a // those\n) && (b)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			k := Campaign{Audience: test.audience, Eligibility: test.eligibility}
			if got := k.Whom(); got != test.want {
				t.Errorf("Whom() = %q, want %q", got, test.want)
			}
		})
	}
	if got, want := Audience(Segment{Rule: "a"}, Segment{Rule: "b"}), "(a) && (b)"; got != want {
		t.Errorf("Audience = %q, want %q", got, want)
	}
}
