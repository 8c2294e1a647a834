package discover

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lookOf shows a line as it is compared: words, <values> and 'marks'.
func lookOf(line string) string {
	var parts []string
	for _, t := range tokenize(nil, line) {
		switch t.kind {
		case value:
			parts = append(parts, "<"+t.text+">")
		case mark:
			parts = append(parts, "'"+t.text+"'")
		default:
			parts = append(parts, t.text)
		}
	}
	return strings.Join(parts, " ")
}

func TestTokenize(t *testing.T) {
	tests := []struct{ name, line, want string }{
		{"numbers", "sold 3 mugs for -2.50", "sold <3> mugs for <-2.50>"},
		{"units", "took 35 ms, 18.4 KB, 64%", "took <35 ms> ',' <18.4 KB> ',' <64%>"},
		{"addresses", "from 203.0.113.7:80 to [2001:db8::1]", "from <203.0.113.7:80> to '[' <2001:db8::1> ']'"},
		{"hosts", "lookup of www.shop.example.com failed", "lookup of <www.shop.example.com> failed"},
		{"people", "mail to ada@shop.example is sent", "mail to <ada@shop.example> is sent"},
		{"classes are words", "java.io.IOException in com.shop.Till", "java.io.IOException in com.shop.Till"},
		{"paths", `opened /var/log/till.log and C:\shop\a.txt`, `opened </var/log/till.log> and <C:\shop\a.txt>`},
		{"an address of a page", "GET https://shop.example/a?b=1,2;c took 5 ms.", "GET <https://shop.example/a?b=1,2;c> took <5 ms> '.'"},
		{"ids", "block blk_-123 of 9f8e7d6c-0000-4000-8000-00000000abcd at 0x1f", "block <blk_-123> of <9f8e7d6c-0000-4000-8000-00000000abcd> at <0x1f>"},
		{"names with a digit", "ssh2 over IPv4 by log4j", "ssh2 over IPv4 by log4j"},
		{"a setting", "user=ada ok=true from=null", "user '=' ada ok '=' <true> from '=' <null>"},
		{"a date in words", "since Fri May 17 10:05:03 CEST 2024 up", "since <Fri May 17 10:05:03 CEST 2024> up"},
		{"a clock", "lifetime 00:01 or <1 sec", "lifetime <00:01> or <<1 sec>"},
		{"a remark", "18846 bytes (18.4 KB) received", "<18846 bytes (18.4 KB)> received"},
		{"an object", "window Window{3f u0 shop} gone", "window <Window{3f u0 shop}> gone"},
		{"quotes", `tag="View Lock" said 'no'`, `tag '=' <"View Lock"> said ''' no '''`},
		{"a quoted command", `"GET /cart HTTP/1.1" 200`, `'"' GET </cart> <HTTP/1.1> '"' <200>`},
		{"a list", "nodes 1, 2, 3 are up", "nodes <1, 2, 3> are up"},
		{"a list of one form", "to delete blk_-12 blk_7 blk_-99 now", "to delete <blk_-12 blk_7 blk_-99> now"},
		{"values side by side", "unpacked lib17:amd64 2.5-1", "unpacked <lib17:amd64> <2.5-1>"},
		{"leading dots", "cache enable......0", "cache enable '......' <0>"},
		{"the end of a sentence", "Restarted. Why?", "Restarted '.' Why '?'"},
		{"nothing", " \t ", ""},
		{"a template", "sold <*> mugs for <*>.", "sold <<*>> mugs for <<*>> '.'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := lookOf(tt.line); got != tt.want {
				t.Errorf("tokens of %q\n got %s\nwant %s", tt.line, got, tt.want)
			}
		})
	}
}

// templatesOf learns from lines and gives the templates, in the order of their
// text.
func templatesOf(lines ...string) []string {
	m := NewMiner(0)
	for _, l := range lines {
		m.Add(l)
	}
	m.Settle()
	var texts []string
	for _, t := range m.Templates() {
		texts = append(texts, t.Text)
	}
	slices.Sort(texts)
	return texts
}

func each(format string, values ...string) (lines []string) {
	for _, v := range values {
		lines = append(lines, fmt.Sprintf(format, v))
	}
	return lines
}

func TestMiner(t *testing.T) {
	names := []string{"ada", "bob", "cleo", "dan", "eve", "fay"}
	tests := []struct {
		name  string
		lines []string
		want  []string
	}{
		{"numbers vary", []string{"till 4 opened", "till 5 opened"}, []string{"till <*> opened"}},
		{"words that many have in one place vary", each("coupon of %s was redeemed", names...), []string{"coupon of <*> was redeemed"}},
		{"a few are each their own", each("basket %s at the till", "opened", "closed"), []string{"basket closed at the till", "basket opened at the till"}},
		{"states are, even when many", each("till went to %s now", "OPEN", "CLOSED", "IDLE", "BROKEN", "COUNTING", "LOCKED"),
			[]string{"till went to BROKEN now", "till went to CLOSED now", "till went to COUNTING now", "till went to IDLE now", "till went to LOCKED now", "till went to OPEN now"}},
		{"after the word user stands a name", each("session opened for user %s by door", "ada", "bob"), []string{"session opened for user <*> by door"}},
		{"settings of two forms", []string{"sold item=mug at till=3", "sold item=17 at till=4"}, []string{"sold item=<*> at till=<*>"}},
		{"the first word tells statements apart", each("%s started as it should", names...),
			[]string{"ada started as it should", "bob started as it should", "cleo started as it should", "dan started as it should", "eve started as it should", "fay started as it should"}},
		{"two places vary at once", []string{
			"moved ada from lane mug to shelf a-b", "moved bob from lane cup to shelf a-b", "moved cleo from lane pan to shelf a-b",
			"moved dan from lane pot to shelf a-b", "moved eve from lane jar to shelf a-b", "moved fay from lane tin to shelf a-b",
		}, []string{"moved <*> from lane <*> to shelf a-b"}},
		{"numbered names", each("link %s is down again", "eth0", "eth1"), []string{"link <*> is down again"}},
		{"protocols are no numbered names", each("open through proxy by %s", "HTTPS", "SOCKS5"), []string{"open through proxy by HTTPS", "open through proxy by SOCKS5"}},
		{"a host that does not look so", []string{"203.0.113.7:80 was asked for", "printer:9100 was asked for"}, []string{"<*> was asked for"}},
		{"a name with a remark", []string{"setting up lib17 (1.2) now", "setting up lib19 (1.3) now", "setting up tar (1.4) now", "setting up gzip (1.5) now"}, []string{"setting up <*> now"}},
		{"a name in two parts", []string{"unpacked lib17:amd64 1.2", "unpacked tar:all 1.2"}, []string{"unpacked <*> <*>"}},
		{"all settings", each("client environment:%s", "user.name=ada", "user.dir=/", "os.name=Linux", "java.vendor=Some Company", "java.home=/opt"),
			[]string{"client environment:<*>"}},
		{"a remark that is sometimes left out", []string{"sent 10 bytes now", "sent 18846 bytes (18.4 KB) now"}, []string{"sent <*> now"}},
		{"nothing but words that vary", each("%s", names...), names},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, templatesOf(tt.lines...)); diff != "" {
				t.Errorf("templates differ (-want +got):\n%s", diff)
			}
		})
	}
}

// What people type has no template.
func TestMinerOpensWhatPeopleTyped(t *testing.T) {
	words := strings.Fields("red blue green big small trail road city kids warm light wool silk soft hard")
	m := NewMiner(0)
	var ids []int
	for i := range 400 {
		q := words[i%15]
		for j := i; j > 0; j /= 4 {
			q += " " + words[(i*7+j)%15] + words[(i+j*11)%15]
		}
		ids = append(ids, m.Add("searched for: "+q))
	}
	m.Settle()
	all := m.Templates()
	if len(all) != 1 || all[0].Text != "searched for: <*>" || !all[0].Open || all[0].Lines != 400 {
		t.Errorf("%d templates, the first %+v; want one that is open", len(all), all[0])
	}
	for _, id := range ids {
		if m.Group(id) != all[0].ID {
			t.Errorf("group %d became %d, want %d", id, m.Group(id), all[0].ID)
		}
	}
	if id := m.Add("searched for: something that nobody had in mind"); m.Group(id) != all[0].ID {
		t.Errorf("a new search is of template %d", id)
	}
}

var people = []string{"Ada", "Ada Lovelace", "Bob", "Cleo de Vries", "Dan Hope", "Eve", "Fay van der Berg", "Gus Gray", "Hal", "Ida Moss"}

// Names have several words, and not always as many.
func TestMinerOfPhrases(t *testing.T) {
	lines := each("coupon of %s was redeemed at till 4", people...)
	if diff := cmp.Diff([]string{"coupon of <*> was redeemed at till <*>"}, templatesOf(lines...)); diff != "" {
		t.Errorf("templates differ (-want +got):\n%s", diff)
	}
	m := NewMiner(0)
	var id int
	for _, l := range lines {
		id = m.Add(l)
	}
	m.Settle()
	if next := m.Add("coupon of Jo Ann Li was redeemed at till 7"); m.Group(next) != m.Group(id) {
		t.Errorf("a new name is of template %d, want %d", m.Group(next), m.Group(id))
	}
	if other := m.Add("coupon of Jo, Ann was redeemed at till 7"); m.Group(other) == m.Group(id) {
		t.Error("a list of names is taken for a name")
	}
	// Statements that differ in what happened are none of a name.
	acts := each("till 4 %s at the door", "was opened", "closed", "was being closed", "started", "was stopped", "locked", "is counting", "was seen to be broken", "opened", "is closed")
	if n := len(templatesOf(acts...)); n != len(acts) {
		t.Errorf("%d templates of %d statements", n, len(acts))
	}
}

// The order of the lines decides nothing, once settled.
func TestMinerWhateverTheOrder(t *testing.T) {
	var lines []string
	for i := range 60 {
		lines = append(lines, fmt.Sprintf("coupon of %s at till %d", string(rune('a'+i%26))+"da", i), fmt.Sprintf("till %d closed", i),
			"shop opened", fmt.Sprintf("door %s by user %s", []string{"opened", "closed"}[i%2], string(rune('a'+i%20))+"bo"))
	}
	want := templatesOf(lines...)
	slices.Reverse(lines)
	if diff := cmp.Diff(want, templatesOf(lines...)); diff != "" {
		t.Errorf("backwards, templates differ (-forth +back):\n%s", diff)
	}
}

func TestMinerIsBounded(t *testing.T) {
	m := NewMiner(20)
	for i := range 3000 {
		// Lines with nothing in common: of one to forty words.
		m.Add(strings.Repeat(string(rune('a'+i%26))+"x ", 1+i/26%40) + string(rune('a'+i%7)))
	}
	all := m.Templates()
	if len(all) > 21 || len(m.groups) > 16*20 {
		t.Errorf("%d templates and %d groups are held, want at most 20", len(all), len(m.groups))
	}
	lines := 0
	for _, a := range all {
		lines += a.Lines
	}
	if lines != 3000 {
		t.Errorf("the templates have %d lines, want 3000", lines)
	}
}

func TestMinerOfEndlessLines(t *testing.T) {
	m := NewMiner(0)
	for _, unit := range []string{"a:", "a ", "(", "a..", "1,x ", "{x", "\"a b", "Jan "} {
		for n := range 3 {
			m.Add(strings.Repeat(unit, 5000+n) + unit)
		}
		if n := len(tokenize(nil, strings.Repeat(unit, 5000))); n > maxTokens {
			t.Errorf("%d tokens of %q, want at most %d", n, unit, maxTokens)
		}
	}
	m.Settle()
}

// A template that was saved fits the lines that it was made of.
func TestFrozen(t *testing.T) {
	lines := slices.Concat(
		each("coupon of %s was redeemed at till 4.", "ada", "bob", "cleo", "dan", "eve", "fay"),
		each("client environment:%s", "user.name=ada", "user.dir=/", "os.name=Linux", "java.vendor=Some Company", "java.home=/opt"),
		each("offer for %s is on its way to shop 3", people...),
		[]string{"18846 bytes (18.4 KB) received, enable...0", `tag="View Lock" {"a": 1} done`, "shop opened"},
	)
	m := NewMiner(0)
	ids := make([]int, len(lines))
	for i, l := range lines {
		ids[i] = m.Add(l)
	}
	m.Settle()
	saved := m.Templates()
	f := frozen(saved)
	for i, l := range lines {
		id, ok := f.find(tokenize(nil, l))
		if !ok || saved[id-1].ID != m.Group(ids[i]) {
			t.Errorf("%q is of saved template %d, %v; want that of %d", l, id, ok, m.Group(ids[i]))
		}
	}
	if id, ok := f.find(tokenize(nil, "shop closed")); ok {
		t.Errorf("an unknown line is of template %q", saved[id-1].Text)
	}
}

func BenchmarkMiner(b *testing.B) {
	var lines []string
	for i := range 2000 {
		lines = append(lines, fmt.Sprintf("Received block blk_%d of size %d from /203.0.113.%d", i*7919, i, i%250),
			fmt.Sprintf("session opened for user u%c%c by (uid=%d)", 'a'+i%26, 'a'+i%23, i))
	}
	m := NewMiner(0)
	bytes := 0
	for _, l := range lines {
		m.Add(l)
		bytes += len(l)
	}
	b.SetBytes(int64(bytes / len(lines)))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.Add(lines[i%len(lines)])
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

func FuzzMiner(f *testing.F) {
	for _, s := range []string{
		"", "till 4 opened\ntill 5 opened", "a:b:c=d\n(1)(2)((", "x {1 {2}\n}{", "\xff\xfe", "printer:9100 x\n1.2.3.4:5 x",
		"a b:c.d=1\na b:e.f=2\na b:g.h=x y\na b:i=4\na b:j=5", "<*> <*>:<*>", "......", "Fri May 17 10:05", "user a\nuser b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		m := NewMiner(50)
		for _, l := range lines {
			at := 0
			for _, tk := range tokenize(nil, l) {
				if tk.at < at || tk.text == "" || l[tk.at:tk.at+len(tk.text)] != tk.text {
					t.Fatalf("token %+v of %q", tk, l)
				}
				at = tk.at + len(tk.text)
			}
			if id := m.Group(m.Add(l)); id < 0 || id >= len(m.groups) {
				t.Fatalf("group %d", id)
			}
		}
		m.Settle()
		n := 0
		for _, tp := range m.Templates() {
			n += tp.Lines
		}
		if n != len(lines) {
			t.Errorf("templates of %d lines, want %d", n, len(lines))
		}
	})
}
