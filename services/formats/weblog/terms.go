package weblog

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// engine is one search engine: where it is, and how it calls what was searched
// for.
type engine struct {
	name   string
	hosts  []string // labels of its host: "google" is in www.google.co.uk
	params []string
	legacy encoding.Encoding // of terms that are not UTF-8; nil is latin1
}

var engines = []engine{
	{"google", []string{"google"}, []string{"q", "as_q", "query"}, nil},
	{"bing", []string{"bing", "live", "msn"}, []string{"q"}, nil},
	{"yahoo", []string{"yahoo"}, []string{"p", "q", "va"}, nil},
	{"duckduckgo", []string{"duckduckgo"}, []string{"q"}, nil},
	{"yandex", []string{"yandex", "ya"}, []string{"text", "query"}, charmap.Windows1251},
	{"baidu", []string{"baidu"}, []string{"wd", "word", "kw", "q1"}, simplifiedchinese.GBK},
	{"ecosia", []string{"ecosia"}, []string{"q"}, nil},
	{"qwant", []string{"qwant"}, []string{"q"}, nil},
	{"startpage", []string{"startpage", "ixquick"}, []string{"query", "q"}, nil},
	{"brave", []string{"brave"}, []string{"q"}, nil},
	{"kagi", []string{"kagi"}, []string{"q"}, nil},
	{"ask", []string{"ask", "search-results"}, []string{"q", "ask", "searchfor"}, nil},
	{"aol", []string{"aol"}, []string{"q", "query"}, nil},
	{"naver", []string{"naver"}, []string{"query"}, nil},
	{"daum", []string{"daum"}, []string{"q"}, nil},
	{"seznam", []string{"seznam"}, []string{"q"}, nil},
	{"sogou", []string{"sogou"}, []string{"query", "keyword"}, simplifiedchinese.GBK},
	{"so", []string{"so", "haosou"}, []string{"q"}, nil},
	{"rambler", []string{"rambler"}, []string{"query", "words"}, charmap.Windows1251},
	{"mail.ru", []string{"mail"}, []string{"q"}, charmap.Windows1251},
	{"goo", []string{"goo"}, []string{"MT"}, japanese.EUCJP},
	{"lycos", []string{"lycos"}, []string{"query", "q"}, nil},
	{"dogpile", []string{"dogpile"}, []string{"q"}, nil},
	{"excite", []string{"excite"}, []string{"q", "search"}, nil},
	{"mywebsearch", []string{"mywebsearch", "myway"}, []string{"searchfor"}, nil},
	{"search.com", []string{"search"}, []string{"q"}, nil},
	{"babylon", []string{"babylon"}, []string{"q"}, nil},
	{"conduit", []string{"conduit"}, []string{"q"}, nil},
	{"avg", []string{"avg"}, []string{"q"}, nil},
	{"t-online", []string{"t-online"}, []string{"q"}, nil},
	{"web.de", []string{"web"}, []string{"su", "q"}, nil},
	{"gmx", []string{"gmx"}, []string{"su", "q"}, nil},
	{"swisscows", []string{"swisscows"}, []string{"query"}, nil},
	{"metager", []string{"metager"}, []string{"eingabe"}, nil},
	{"mojeek", []string{"mojeek"}, []string{"q"}, nil},
	{"perplexity", []string{"perplexity"}, []string{"q"}, nil},
}

// strict are labels that are words or parts of other sites too: they count as a
// search engine only with one of these hosts.
var strict = map[string][]string{
	"live":     {"search.live.com"},
	"msn":      {"search.msn.com", "msn.com", "www.msn.com"},
	"ya":       {"ya.ru", "www.ya.ru"},
	"brave":    {"search.brave.com"},
	"so":       {"www.so.com", "so.com", "m.so.com"},
	"mail":     {"go.mail.ru", "search.mail.ru"},
	"goo":      {"search.goo.ne.jp", "green.search.goo.ne.jp"},
	"search":   {"www.search.com", "search.com"},
	"web":      {"suche.web.de", "search.web.de"},
	"gmx":      {"search.gmx.net", "suche.gmx.net", "search.gmx.com", "search.gmx.co.uk"},
	"avg":      {"search.avg.com", "isearch.avg.com", "mysearch.avg.com"},
	"naver":    {"search.naver.com", "m.search.naver.com", "web.search.naver.com", "cafe.search.naver.com"},
	"daum":     {"search.daum.net", "m.search.daum.net"},
	"aol":      {"search.aol.com", "aolsearch.aol.com", "search.aol.co.uk", "search.aol.de", "search.aol.fr"},
	"ask":      {"www.ask.com", "ask.com", "uk.ask.com", "de.ask.com", "fr.ask.com", "search.ask.com", "us.ask.com", "m.ask.com"},
	"excite":   {"msxml.excite.com", "search.excite.com", "search.excite.co.jp"},
	"t-online": {"suche.t-online.de", "brisbane.t-online.de"},
}

// MaxReferrer is how many bytes of a referrer are read.
const MaxReferrer = 8 << 10

// Terms finds the search engine that somebody came from and what they had
// searched for there. query is empty where the engine no longer tells, as most
// do; both are where the referrer is no search engine.
func Terms(referrer string) (engine, query string) {
	if len(referrer) > MaxReferrer {
		referrer = referrer[:MaxReferrer]
	}
	scheme, rest, ok := strings.Cut(referrer, "://")
	if !ok || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") && !strings.EqualFold(scheme, "android-app") {
		return "", ""
	}
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host = rest[:i]
	}
	rest = rest[len(host):]
	host = strings.ToLower(host)
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	host, _, _ = strings.Cut(host, ":")
	e := engineOf(host)
	if e == nil {
		return "", ""
	}
	return e.name, e.terms(rest)
}

func engineOf(host string) *engine {
	labels := strings.Split(host, ".")
	if len(labels) < 2 || len(labels) > 6 {
		return nil
	}
	for i := range engines {
		e := &engines[i]
		for _, label := range e.hosts {
			at := slices.Index(labels, label)
			if at < 0 || at < len(labels)-3 { // google.attacker.example.com
				continue
			}
			if at < len(labels)-1 && isSuffix(labels[at+1:]) {
				if hosts, narrow := strict[label]; !narrow || slices.Contains(hosts, host) {
					return e
				}
			}
		}
	}
	return nil
}

// isSuffix tells what may follow a company's name in its hosts: com, de, co.uk.
func isSuffix(labels []string) bool {
	switch last := labels[len(labels)-1]; len(labels) {
	case 1:
		return len(last) == 2 || slices.Contains([]string{"com", "net", "org", "cat", "tel"}, last)
	case 2:
		return len(last) == 2 && slices.Contains([]string{"co", "com", "net", "org", "ne", "or", "gob", "off"}, labels[0])
	}
	return false
}

// terms finds what was searched for behind the host of an engine's address.
func (e *engine) terms(rest string) string {
	rest, fragment, _ := strings.Cut(rest, "#")
	path, query, _ := strings.Cut(rest, "?")
	// Google wrote the terms behind the # for years.
	for _, part := range []string{fragment, query} {
		q := e.inQuery(part)
		if strings.HasSuffix(path, "/url") && strings.Contains(q, "://") {
			continue // a link through the engine: the address is where it leads
		}
		if q != "" {
			return q
		}
	}
	// Behind a page of pictures lies that of the search.
	if prev, ok := param(query, "prev"); ok && e.name == "google" {
		if _, inner, ok := strings.Cut(e.decode(prev), "?"); ok {
			return e.inQuery(inner)
		}
	}
	// startpage.com/do/search/words, yahoo's /search/p=words
	if i := strings.LastIndexByte(path, '/'); i >= 0 && strings.IndexByte(path[i:], '=') > 0 {
		return e.inQuery(path[i+1:])
	}
	return ""
}

func (e *engine) inQuery(query string) string {
	for _, name := range e.params {
		raw, ok := param(query, name)
		if !ok {
			continue
		}
		if q := clean(e.decode(raw)); q != "" {
			return q
		}
	}
	return ""
}

// param is the last raw value of a parameter: Google repeats q where a search
// was made anew.
func param(query, name string) (string, bool) {
	found, ok := "", false
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if k, v, has := strings.Cut(pair, "="); has && k == name && v != "" {
			found, ok = v, true
		}
	}
	return found, ok
}

// decode undoes what browsers do to letters, in whichever alphabet.
func (e *engine) decode(raw string) string {
	b := unpercent(raw)
	if utf8.Valid(b) {
		s := string(b)
		if strings.Contains(s, "%") { // twice over, as some do
			if again := unpercent(s); utf8.Valid(again) && !strings.Contains(s, "% ") && string(again) != s {
				return string(again)
			}
		}
		return s
	}
	from := e.legacy
	if from == nil {
		from = charmap.Windows1252 // latin1, and what browsers mean by it
	}
	s, err := from.NewDecoder().Bytes(b)
	if err != nil || !utf8.Valid(s) {
		return strings.ToValidUTF8(string(b), "")
	}
	return string(s)
}

// unpercent is lenient: what is no code stays.
func unpercent(s string) []byte {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b = append(b, ' ')
		case s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			b = append(b, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return b
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// clean is what a person searched for, on one line, without what they did not
// type: where a page of the cache is from.
func clean(q string) string {
	q = strings.Join(strings.Fields(strings.ToValidUTF8(q, "")), " ")
	if rest, ok := strings.CutPrefix(q, "cache:"); ok { // cache:id:host words
		_, q, _ = strings.Cut(rest, " ")
	}
	if len(q) > 200 {
		q = strings.ToValidUTF8(q[:200], "")
	}
	return q
}

// Referrer is where somebody came from: the host, and what they searched for
// if it is a search engine.
type Referrer struct {
	Host   string
	Engine string
	Query  string
}

// NewReferrer reads a referrer. One that is no address has no host.
func NewReferrer(referrer string) Referrer {
	r := Referrer{}
	r.Engine, r.Query = Terms(referrer)
	if u, err := url.Parse(referrer); err == nil {
		r.Host = strings.ToLower(u.Hostname())
	}
	return r
}
