package discover

import (
	"cmp"
	"slices"
	"strings"
)

// A Miner finds the templates of free text: which lines came of one statement
// of a program, and what in them varies. It learns line by line, holds
// templates only, and reads each line once.
//
// It is Drain's idea (He et al. 2017: lines of one length are compared place by
// place) with two differences. Values are told by their look before anything is
// compared, and words that vary are found by families: templates that are the
// same but for one or two places. Whether such a place holds values is judged
// by the words seen there, how many and of what kind, as Brain does (Yu et al.
// 2023), not by how alike two lines are. One configuration does for every log.
//
// A Miner is not safe for concurrent use.
type Miner struct {
	max     int
	groups  []group        // by id
	byHash  map[uint64]int // templates by the hash of their tokens, and aliases
	masks   map[int][]mask // where templates of a length are wild beyond the look
	tails   map[uint64]int // templates whose end is one value, by the hash of what is before
	phrases map[uint64]int // templates with a value of several words, by the hash of what is around it
	aliases int
	live    int
	fresh   int // templates since the last Settle
	scratch []token
}

// group is what is known of one template.
type group struct {
	into   int // the group that it became part of; itself while it lives
	tokens []token
	wilds  mask // places that are values though they looked like words
	varied mask // values that were seen to differ
	phrase mask // values that may have several words
	lines  int
	sample string
}

// mask is a set of places within a line.
type mask [maxTokens / 64]uint64

func (m *mask) add(i int)     { m[i/64] |= 1 << (i % 64) }
func (m mask) has(i int) bool { return m[i/64]&(1<<(i%64)) != 0 }

func (m mask) or(n mask) mask {
	for i := range m {
		m[i] |= n[i]
	}
	return m
}

// MaxTemplates is how many templates a Miner holds unless told otherwise.
const MaxTemplates = 5000

// Other is the template of lines that fit none when a Miner is full.
const Other = 0

// NewMiner makes a Miner of at most limit templates (0 is MaxTemplates).
func NewMiner(limit int) *Miner {
	if limit <= 0 {
		limit = MaxTemplates
	}
	return &Miner{
		max:    limit,
		groups: make([]group, 1), // Other
		byHash: map[uint64]int{},
		masks:  map[int][]mask{},
		tails:  map[uint64]int{},

		phrases: map[uint64]int{},
	}
}

// Add learns from a line and says which template it is of. Later lines may
// show that two templates are one: Group tells what became of an id.
func (m *Miner) Add(line string) int {
	m.scratch = tokenize(m.scratch[:0], line)
	id, ok := m.find(m.scratch)
	switch {
	case ok:
		g := &m.groups[id]
		g.lines++
		g.vary(m.scratch)
		return id
	case m.live >= m.max || len(m.groups) >= 16*m.max:
		m.groups[Other].lines++
		return Other
	}
	id = m.create(m.scratch, line)
	if m.fresh++; m.fresh > max(64, m.live/4) {
		m.Settle()
	}
	return m.Group(id)
}

// Group is the template that an id of Add stands for now.
func (m *Miner) Group(id int) int {
	for m.groups[id].into != id {
		id = m.groups[id].into
	}
	return id
}

// vary notes which values of a line are not those of the first.
func (g *group) vary(tokens []token) {
	if len(tokens) != len(g.tokens) {
		return
	}
	for i := range tokens {
		if g.tokens[i].kind == value && !g.varied.has(i) && g.tokens[i].text != tokens[i].text {
			g.varied.add(i)
		}
	}
}

func (m *Miner) create(tokens []token, line string) int {
	id := len(m.groups)
	g := group{into: id, lines: 1, sample: strings.Clone(line[:min(len(line), maxLine)]), tokens: slices.Clone(tokens)}
	for i := range g.tokens { // the line may be part of a large buffer
		t := &g.tokens[i]
		t.text = g.sample[t.at : t.at+len(t.text)]
	}
	m.groups = append(m.groups, g)
	m.byHash[hashOf(tokens, mask{})] = id
	m.live++
	return id
}

// find is the live template of a line.
func (m *Miner) find(tokens []token) (int, bool) {
	if id, ok := m.byHash[hashOf(tokens, mask{})]; ok {
		return m.Group(id), true
	}
	for _, wilds := range m.masks[len(tokens)] {
		if id, ok := m.byHash[hashOf(tokens, wilds)]; ok {
			return m.Group(id), true
		}
	}
	if id, ok := m.contracted(tokens); ok {
		return id, true
	}
	if len(m.tails) > 0 {
		for at := len(tokens) - 1; at > 1; at-- {
			if !opensTail(tokens, at) {
				continue
			}
			if id, ok := m.tails[hashOf(tokens[:at], mask{})]; ok {
				return m.Group(id), true
			}
		}
	}
	if len(m.phrases) > 0 {
		found, ok := 0, false
		eachPhrase(tokens, func(_, _ int, around uint64) bool {
			found, ok = m.phrases[around]
			return !ok
		})
		return m.Group(found), ok
	}
	return 0, false
}

// hashOf is FNV-1a over tokens, with values and some other places alike. Marks
// are never wild.
func hashOf(tokens []token, wilds mask) uint64 {
	h := uint64(14695981039346656037)
	for i := range tokens {
		h = hashOn(h, &tokens[i], wilds.has(i))
	}
	return h
}

func hashOn(h uint64, t *token, wild bool) uint64 {
	if t.kind == value || wild && t.kind == word {
		return (h ^ 0x1e) * 1099511628211
	}
	text := t.text
	if t.kind == mark && text[0] == '.' {
		text = "." // however many there are
	}
	for j := range len(text) {
		h = (h ^ uint64(text[j])) * 1099511628211
	}
	return (h ^ 0x1f) * 1099511628211
}

// contracted finds the template that a line fits if words without a space but
// with a colon between them, or a word with a remark, count as one value: names
// such as printer:9100, jacket:red and cup (0.3 l) are told by the lines that
// have what looks like a value in their place.
func (m *Miner) contracted(tokens []token) (int, bool) {
	for from := 0; from+1 < min(len(tokens), 64); from++ {
		if tokens[from].kind == mark || from > 0 && tokens[from].glued && tokens[from-1].text == ":" {
			continue
		}
		to, words := from+1, tokens[from].kind == word
		for to+1 < len(tokens) && tokens[to].text == ":" && tokens[to].glued && tokens[to+1].kind != mark && tokens[to+1].glued {
			words = words || tokens[to+1].kind == word
			to += 2
		}
		if to < len(tokens) && tokens[to].kind == value && tokens[to].text[0] == '(' {
			to++
		}
		if to == from+1 || !words {
			continue
		}
		h := uint64(14695981039346656037)
		for j := range tokens {
			if j <= from || j >= to {
				h = hashOn(h, &tokens[j], j == from)
			}
		}
		if id, ok := m.byHash[h]; ok {
			if m.aliases < m.max { // not to look so far the next time
				m.byHash[hashOf(tokens, mask{})] = id
				m.aliases++
			}
			return m.Group(id), true
		}
	}
	return 0, false
}

// opensTail tells places where words of the program may end and what somebody
// else wrote begin: after a colon or an equals sign.
func opensTail(tokens []token, at int) bool {
	return at > 1 && at < len(tokens) && (tokens[at-1].text == ":" || tokens[at-1].text == "=") && tokens[at-1].kind == mark
}

// Settle joins templates that are the same but for values. It happens by itself
// as templates come; a last call gives the best answer.
func (m *Miner) Settle() {
	m.fresh = 0
	m.joinTails()
	for range 8 {
		if m.joinFamilies(1)+m.joinContracted()+m.joinFamilies(2)+m.joinPhrases() == 0 {
			break
		}
	}
}

func (m *Miner) alive(id int) bool { return id != Other && m.groups[id].into == id }

// joinContracted joins templates that have a name and a port where others have
// an address.
func (m *Miner) joinContracted() (gone int) {
	for id := range m.groups {
		if !m.alive(id) {
			continue
		}
		own := hashOf(m.groups[id].tokens, mask{})
		if to, ok := m.contracted(m.groups[id].tokens); ok && to != id {
			m.absorb(to, id)
			m.byHash[own] = to
			gone++
		}
	}
	return gone
}

// When what follows a colon or an equals sign is no more of the program: it
// prints all its settings (environment:user.dir=/home), or what people typed.
const (
	manySettings = 4  // different names before an equals sign
	manyTails    = 50 // different templates of mere words, most of them seen once or twice
)

// joinTails joins templates that begin alike and go on in so many ways that the
// rest is one value.
func (m *Miner) joinTails() {
	type tail struct {
		at       int
		members  []int
		lines    int
		next     map[string]bool // the words that follow
		settings map[string]bool // and those before an equals sign
		prose    int             // members that go on in words only
	}
	tails := map[uint64]*tail{}
	for id := range m.groups {
		if !m.alive(id) {
			continue
		}
		tokens := m.groups[id].tokens
		for at := 2; at < len(tokens); at++ {
			if !opensTail(tokens, at) {
				continue
			}
			h := hashOf(tokens[:at], mask{})
			t := tails[h]
			if t == nil {
				t = &tail{at: at, next: map[string]bool{}, settings: map[string]bool{}}
				tails[h] = t
			}
			t.members = append(t.members, id)
			t.lines += m.groups[id].lines
			t.next[tokens[at].text] = true
			if !slices.ContainsFunc(tokens[at:], func(tk token) bool { return tk.kind == mark }) {
				t.prose++
			}
			if tokens[at].kind == word && tokens[at].glued && at+1 < len(tokens) && tokens[at+1].text == "=" {
				t.settings[tokens[at].text] = true
			}
		}
	}
	var open []*tail
	for _, t := range tails {
		words := 0
		for _, tk := range m.groups[t.members[0]].tokens[:t.at] {
			if tk.kind == word {
				words++
			}
		}
		dump := words >= 2 && len(t.settings) >= manySettings && 2*len(t.settings) > len(t.next)
		typed := words >= 1 && len(t.members) >= manyTails && len(t.next) >= manyVerbs && t.lines < 3*len(t.members) && 10*t.prose > 8*len(t.members)
		if dump || typed {
			open = append(open, t)
		}
	}
	slices.SortFunc(open, func(a, b *tail) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.members[0], b.members[0]))
	})
	for _, t := range open {
		first := -1
		for _, id := range t.members {
			switch {
			case !m.alive(id):
			case first < 0:
				first = id
			default:
				m.absorb(first, id)
			}
		}
		if first >= 0 {
			m.open(first, t.at)
		}
	}
}

// open makes one value of what a template has from a place on.
func (m *Miner) open(id, at int) {
	g := &m.groups[id]
	if h := hashOf(g.tokens, mask{}); m.byHash[h] == id {
		delete(m.byHash, h)
	}
	rest := g.tokens[at]
	rest.kind, rest.text = value, g.sample[rest.at:]
	g.tokens = append(g.tokens[:at:at], rest)
	g.varied.add(at)
	m.tails[hashOf(g.tokens[:at], mask{})] = id
	m.byHash[hashOf(g.tokens, mask{})] = id
}

// Names of people and things have several words, and not always as many. Such
// a place is told by templates that are the same before and after it.
const (
	maxPhrase   = 4 // words
	manyPhrases = 8 // of more than one length
	leastAround = 3 // words of the program before and after
)

// eachPhrase calls f for the places from..to of a line that may be one value of
// words, with the hash of what is around, until it says no.
func eachPhrase(tokens []token, f func(from, to int, around uint64) bool) {
	n := len(tokens)
	if n < leastAround+1 || n > 64 {
		return
	}
	var after [65]uint64 // hashes of what is left, from its end
	after[n] = 0x9e3779b97f4a7c15
	for i := n - 1; i >= 0; i-- {
		after[i] = hashOn(after[i+1], &tokens[i], false)
	}
	before := uint64(14695981039346656037)
	for from := 0; from < n-1; from++ {
		if from > 0 {
			for to := from + 1; to < n && to-from <= maxPhrase && tokens[to-1].kind != mark; to++ {
				if !f(from, to, before*31^after[to]) {
					return
				}
			}
		}
		before = hashOn(before, &tokens[from], false)
	}
}

// spanned is a value from the beginning of a to the end of b.
func spanned(line string, a, b token) token {
	a = join(line, a, b)
	a.kind = value
	return a
}

// joinPhrases joins templates that are the same but for a phrase.
func (m *Miner) joinPhrases() (gone int) {
	type family struct {
		around  uint64
		members []int
		from    []int // by member
		to      []int
		words   int // in all the phrases
		verbs   int // phrases that say what happened
		lengths [maxPhrase + 1]bool
	}
	families := map[uint64]*family{}
	for id := range m.groups {
		if !m.alive(id) {
			continue
		}
		tokens := m.groups[id].tokens
		all := 0
		for _, t := range tokens {
			if t.kind == word {
				all++
			}
		}
		eachPhrase(tokens, func(from, to int, around uint64) bool {
			in, said := 0, 0
			for _, t := range tokens[from:to] {
				if t.kind == word {
					in++
					if isVerb(t.text) || isUpper(t.text) {
						said++
					}
				}
			}
			if in == 0 || all-in < leastAround {
				return true
			}
			f := families[around]
			if f == nil {
				f = &family{around: around}
				families[around] = f
			}
			f.members, f.from, f.to = append(f.members, id), append(f.from, from), append(f.to, to)
			f.words += to - from
			f.lengths[to-from] = true
			if said > 0 {
				f.verbs++
			}
			return true
		})
	}
	var join []*family
	for _, f := range families {
		lengths := 0
		for _, has := range f.lengths {
			if has {
				lengths++
			}
		}
		if len(f.members) >= manyPhrases && lengths > 1 && 2*f.verbs <= len(f.members) {
			join = append(join, f)
		}
	}
	slices.SortFunc(join, func(a, b *family) int {
		return cmp.Or(cmp.Compare(len(b.members), len(a.members)), cmp.Compare(a.words, b.words), slices.Compare(a.members, b.members), slices.Compare(a.from, b.from))
	})
	for _, f := range join {
		if slices.ContainsFunc(f.members, func(id int) bool { return !m.alive(id) }) {
			continue // the next round sees what is left
		}
		first := f.members[0]
		g := &m.groups[first]
		if h := hashOf(g.tokens, mask{}); m.byHash[h] == first {
			delete(m.byHash, h)
		}
		for _, id := range f.members[1:] {
			m.absorb(first, id)
			gone++
		}
		from, to := f.from[0], f.to[0]
		phrase := spanned(g.sample, g.tokens[from], g.tokens[to-1])
		*g = group{into: first, lines: g.lines, sample: g.sample, tokens: slices.Concat(g.tokens[:from], []token{phrase}, g.tokens[to:])}
		for i, t := range g.tokens {
			if t.kind == value {
				g.varied.add(i)
			}
		}
		g.wilds.add(from)
		g.phrase.add(from)
		m.remember(len(g.tokens), g.wilds)
		m.phrases[f.around] = first
		h := hashOf(g.tokens, mask{})
		if other, ok := m.byHash[h]; ok && m.Group(other) != first {
			other = m.Group(other)
			m.groups[other].phrase.add(from)
			m.groups[other].varied.add(from)
			m.absorb(other, first)
			gone++
			continue
		}
		m.byHash[h] = first
	}
	return gone
}

// absorb makes one template part of another.
func (m *Miner) absorb(to, id int) {
	g := &m.groups[id]
	if h := hashOf(g.tokens, mask{}); m.byHash[h] == id {
		delete(m.byHash, h)
	}
	m.groups[to].lines += g.lines
	*g = group{into: to}
	m.live--
}

// family is templates that are the same but for some places.
type family struct {
	places  []int
	members []int
}

// joinFamilies joins the families that differ in n places, all of which hold
// values, and says how many templates went.
func (m *Miner) joinFamilies(n int) (gone int) {
	families := map[uint64]*family{}
	note := func(id int, rest uint64, places ...int) {
		for _, at := range places {
			rest = (rest ^ uint64(at+1)) * 1099511628211
		}
		if f := families[rest]; f != nil {
			f.members = append(f.members, id)
		} else {
			families[rest] = &family{places: slices.Clone(places), members: []int{id}}
		}
	}
	// The hash of a line is the sum over its places, so that those of it without
	// one or two of them cost a subtraction.
	var parts [maxTokens]uint64
	for id := range m.groups {
		if !m.alive(id) {
			continue
		}
		tokens := m.groups[id].tokens
		sum := uint64(len(tokens))
		for i := range tokens {
			parts[i] = hashOn(uint64(i+1)*0x9e3779b97f4a7c15, &tokens[i], false) * 0xff51afd7ed558ccd
			sum += parts[i]
		}
		for i := range tokens {
			if tokens[i].kind == mark {
				continue
			}
			if n == 1 {
				note(id, sum-parts[i], i)
				continue
			}
			for j := i + 1; j < min(len(tokens), 40); j++ {
				if tokens[j].kind != mark {
					note(id, sum-parts[i]-parts[j], i, j)
				}
			}
		}
	}
	var join []*family
	for _, f := range families {
		if len(f.members) > 1 && m.varies(f) {
			join = append(join, f)
		}
	}
	slices.SortFunc(join, func(a, b *family) int {
		return cmp.Or(cmp.Compare(len(b.members), len(a.members)), slices.Compare(a.members, b.members), slices.Compare(a.places, b.places))
	})
	for _, f := range join {
		gone += m.joinFamily(f)
	}
	return gone
}

// joinFamily makes one template of a family, unless another took a part of it
// in this round: the next one sees what is left.
func (m *Miner) joinFamily(f *family) (gone int) {
	for _, id := range f.members {
		if !m.alive(id) {
			return 0
		}
	}
	first := f.members[0]
	g := &m.groups[first]
	delete(m.byHash, hashOf(g.tokens, mask{}))
	for _, id := range f.members[1:] {
		g.wilds = g.wilds.or(m.groups[id].wilds)
		g.varied = g.varied.or(m.groups[id].varied)
		g.phrase = g.phrase.or(m.groups[id].phrase)
		m.absorb(first, id)
		gone++
	}
	for _, at := range f.places {
		g.tokens[at].kind = value
		g.wilds.add(at)
		g.varied.add(at)
	}
	m.remember(len(g.tokens), g.wilds)
	h := hashOf(g.tokens, mask{})
	if other, ok := m.byHash[h]; ok && m.Group(other) != first { // it was there already
		other = m.Group(other)
		m.groups[other].wilds = m.groups[other].wilds.or(g.wilds)
		m.absorb(other, first)
		return gone + 1
	}
	m.byHash[h] = first
	return gone
}

// maxMasks bounds what a line that fits no template is tried with.
const maxMasks = 256

// remember notes where a template of a length is wild.
func (m *Miner) remember(length int, wilds mask) {
	if known := m.masks[length]; len(known) < maxMasks && !slices.Contains(known, wilds) {
		m.masks[length] = append(known, wilds)
	}
}

// varies tells whether all the places in which a family differs hold values.
// The words that are left must still say something, or the family be large.
func (m *Miner) varies(f *family) bool {
	left := 0
	for i, t := range m.groups[f.members[0]].tokens {
		if t.kind == word && !slices.Contains(f.places, i) {
			left++
		}
	}
	if left == 0 || left == 1 && len(f.members) < manyOpening {
		return false
	}
	for _, at := range f.places {
		if !m.holdsValues(f, at) {
			return false
		}
	}
	return true
}

// holdsValues judges what the templates of a family have at one place.
func (m *Miner) holdsValues(f *family, at int) bool {
	s := spread{words: map[string]bool{}, stems: map[string]bool{}}
	for _, id := range f.members {
		s.add(m.groups[id].tokens[at])
	}
	tokens := m.groups[f.members[0]].tokens
	before := ""
	if at > 0 && tokens[at-1].kind != value {
		before = tokens[at-1].text
	}
	opening := !slices.ContainsFunc(tokens[:at], func(t token) bool { return t.kind == word })
	return s.values(opening, before)
}

// spread is what stands at one place.
type spread struct {
	words  map[string]bool
	stems  map[string]bool // without their digits
	value  bool            // something that looks like a value is there, too
	names  int             // words with marks or capitals within
	verbs  int             // words that say what happened
	upper  int             // WORDS
	digits int             // words with a digit
}

func undigit(r rune) rune {
	if r >= '0' && r <= '9' {
		return -1
	}
	return r
}

func (s *spread) add(t token) {
	if t.kind == value {
		s.value = true
		return
	}
	if s.words[t.text] {
		return
	}
	s.words[t.text] = true
	if strings.ContainsAny(t.text, "0123456789") {
		s.digits++
	}
	s.stems[strings.Map(undigit, t.text)] = true
	switch {
	case len(t.text) > 1 && isUpper(t.text):
		s.upper++
	case isVerb(t.text):
		s.verbs++
	case isName(t.text):
		s.names++
	}
}

// How many different words make a place one of values: a programmer writes a
// few alternatives, and seldom so many. Half and twice as many give the same on
// loghub's systems, but for manyWords (3 to 6 do) and manySet (4 to 6).
const (
	manyOpening = 20 // as the first word, which tells statements apart
	manyVerbs   = 12 // STATES, and what happened
	manyWords   = 5
	manySet     = 4 // after an equals sign
	manyNames   = 3 // such as net.Conn, read_only, userId
)

// values tells whether a place holds values: by what stands there, whether it
// is the opening word, and what stands before.
func (s *spread) values(opening bool, before string) bool {
	n, words := len(s.words), len(s.words)
	if s.value {
		n++
	}
	switch {
	case n < 2:
		return false
	case !s.value && len(s.stems) == 1 && s.digits > 0:
		return true // eth0, eth1
	case opening:
		return n >= manyOpening || s.value && n >= manyWords
	case isNoun(before), (s.value || s.names > 0) && (before == "=" || before == ":"):
		return true // user root, user mysql; state=3, state=idle
	case 2*(s.upper+s.verbs) > words:
		return n >= manyVerbs
	case 2*s.names > words:
		return n >= manyNames
	case before == "=":
		return n >= manySet
	}
	return n >= manyWords
}

// isNoun tells words that a name follows.
func isNoun(w string) bool {
	switch strings.ToLower(w) {
	case "user", "username", "host", "hostname", "file", "device", "interface", "container", "instance", "volume",
		"table", "topic", "queue", "package", "module", "node", "domain":
		return true
	}
	return false
}

// isVerb tells words that say what happened or what is the case, of which a
// program has a statement for each.
func isVerb(w string) bool {
	w = strings.ToLower(w)
	switch w {
	case "up", "down", "in", "out", "on", "off", "start", "stop", "open", "close", "read", "write", "success", "failure",
		"startup", "shutdown", "add", "remove", "get", "set", "put", "begin", "end", "to", "from", "is", "are", "was",
		"not", "no", "all", "error", "ok", "done", "enable", "disable", "before", "after", "with", "without":
		return true
	}
	return len(w) > 4 && (strings.HasSuffix(w, "ed") || strings.HasSuffix(w, "ing"))
}

// isName tells words with marks or capitals within, as names in programs have.
func isName(w string) bool {
	for i := 1; i < len(w); i++ {
		switch c := w[i]; {
		case strings.IndexByte("._-/@$#~+", c) >= 0 && i+1 < len(w):
			return true
		case c >= 'A' && c <= 'Z' && w[i-1] >= 'a' && w[i-1] <= 'z':
			return true
		}
	}
	return false
}

// Template is one statement of a program, as its lines show it.
type Template struct {
	ID     int    `json:"id"`
	Text   string `json:"text"`             // <*> where a value stands
	Open   bool   `json:"open,omitempty"`   // its last value takes the rest of the line, whatever it is
	Phrase int    `json:"phrase,omitempty"` // the value, counted from 1, that may have several words
	Lines  int    `json:"lines,omitempty"`
	Sample string `json:"sample,omitempty"` // the first line of it
}

// Templates are those found so far, the most frequent first; Other, if a line
// is of it, with an empty text.
func (m *Miner) Templates() []Template {
	var all []Template
	for id := range m.groups {
		g := &m.groups[id]
		if g.into == id && g.lines > 0 {
			all = append(all, Template{ID: id, Text: g.text(), Open: m.isOpen(g, id), Phrase: g.phraseOf(), Lines: g.lines, Sample: g.sample})
		}
	}
	slices.SortFunc(all, func(a, b Template) int {
		return cmp.Or(cmp.Compare(b.Lines, a.Lines), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// phraseOf is the first of the values written <*>, from 1, that may have
// several words; 0 if none may.
func (g *group) phraseOf() int {
	n := 0
	for i, t := range g.tokens {
		if t.kind == value && g.isWild(i) {
			n++
			if g.phrase.has(i) {
				return n
			}
		}
	}
	return 0
}

func (m *Miner) isOpen(g *group, id int) bool {
	at := len(g.tokens) - 1
	if !opensTail(g.tokens, at) {
		return false
	}
	to, ok := m.tails[hashOf(g.tokens[:at], mask{})]
	return ok && m.Group(to) == id
}

// constantAfter is how many lines must have the same text at the place of a
// value until a template is written with it, not with <*>. Addresses of people
// and networks never are.
const constantAfter = 10

func (g *group) text() string {
	var b strings.Builder
	for i, t := range g.tokens {
		if i > 0 && !t.glued {
			b.WriteByte(' ')
		}
		if t.kind == value && g.isWild(i) {
			b.WriteString(wild)
			continue
		}
		b.WriteString(t.text)
	}
	return b.String()
}

// isWild tells whether a value is written <*>.
func (g *group) isWild(i int) bool {
	return g.varied.has(i) || g.lines < constantAfter || MaskText(g.tokens[i].text) != g.tokens[i].text
}
