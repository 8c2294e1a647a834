package discover

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNewHeader(t *testing.T) {
	tests := []struct {
		name    string
		format  string // of lines: second, a number, a message
		want    string // columns and their layouts
		texts   []string
		message string
	}{
		{"Java", "2024-05-17 10:05:%02d,250 [main] INFO  shop.Till - %d %s",
			"time 2006-01-02 15:04:05,000 | component | level | component_2", []string{"2024-05-17 10:05:07,250", "main", "INFO", "shop.Till"}, "7 mugs were sold"},
		{"Apache's errors", "[Fri May 17 10:05:%02d 2024] [error] till %d: %s",
			"time Mon Jan _2 15:04:05 2006 | level", []string{"Fri May 17 10:05:07 2024", "error"}, "till 7: mugs were sold"},
		{"syslog", "May 17 10:05:%02d shop1 till[%d]: %s",
			"time Jan _2 15:04:05 | host | component", []string{"May 17 10:05:07", "shop1", "till[7]"}, "mugs were sold"},
		{"seconds", "17159403%02d %d ERROR %s", "time unix | pid | level", []string{"1715940307", "7", "ERROR"}, "mugs were sold"},
		{"level first", "WARN 2024-05-17T10:05:%02dZ %d %s",
			"level | time 2006-01-02T15:04:05.999999999Z07:00 | pid", []string{"WARN", "2024-05-17T10:05:07Z", "7"}, "mugs were sold"},
		{"a level where a zone may stand", "2026-03-02 10:10:%02d,123 INFO [till%d] %s",
			"time 2006-01-02 15:04:05,000 | level | component", []string{"2026-03-02 10:10:07,123", "INFO", "till7"}, "mugs were sold"},
		{"nothing", "the shop has %02d tills, %d are open: %s", "", nil, "the shop has 07 tills, 7 are open: mugs were sold"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var lines []string
			for i := range 50 {
				lines = append(lines, fmt.Sprintf(tt.format, i%60, i, []string{"mugs were sold", "the door is open", "cup broke"}[i%3]))
			}
			lines[7] = fmt.Sprintf(tt.format, 7, 7, "mugs were sold")
			lines = append(lines, "\tat shop.Till.open(Till.java:7)") // goes on from the line before
			h := NewHeader(lines)
			var got []string
			for _, c := range h.Columns {
				if c.Name != "" {
					got = append(got, strings.TrimSpace(c.Name+" "+c.Layout))
				}
			}
			if s := strings.Join(got, " | "); s != tt.want {
				t.Errorf("columns are %q, want %q", s, tt.want)
			}
			texts, message, ok := h.Cut(lines[7])
			if !ok || message != tt.message || cmp.Diff(tt.texts, texts) != "" {
				t.Errorf("Cut(%q) = %q, %q, %v; want %q, %q", lines[7], texts, message, ok, tt.texts, tt.message)
			}
			if _, message, ok := h.Cut(lines[50]); ok != (tt.want == "") || ok == false && message != lines[50] {
				t.Errorf("a line without the header: %q, %v", message, ok)
			}
		})
	}
}

func FuzzHeader(f *testing.F) {
	for _, s := range []string{"", "2024-05-17 10:05:03 INFO a: b\n2024-05-17 10:05:04 INFO a: c", "[x] [y\n[x] [y", "a - b\nc - d", "May 17 10:05:03 h p[1]: m\nMay 17 10:05:03 h p[2]: m", "\xff: \n\xfe: "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		h := NewHeader(lines)
		for _, l := range lines {
			texts, message, ok := h.Cut(l)
			if !ok && message != l || !strings.Contains(l, message) {
				t.Errorf("Cut(%q) = %q, %q, %v", l, texts, message, ok)
			}
			for _, x := range texts {
				if !strings.Contains(l, x) {
					t.Errorf("Cut(%q) found %q", l, x)
				}
			}
		}
	})
}
