package bots

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"

func TestBot(t *testing.T) {
	tests := []struct {
		name, agent string
		want        bool
	}{
		{"chrome", chrome, false},
		{"safari on a phone", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", false},
		{"firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", false},
		{"an app", "AisleShopper/3.1 (Android 14)", false},
		{"googlebot", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", true},
		{"bing", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", true},
		{"curl", "curl/8.5.0", true},
		{"go", "Go-http-client/1.1", true},
		{"headless", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36", true},
		{"a model's reader", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)", true},
		{"nothing", "", true},
		{"a dash for nothing", "-", true},
		{"long", chrome + strings.Repeat(" x", 4096), false},
	}
	d := New(64)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, how := range []string{"first", "from memory"} {
				if got := d.Bot(tt.agent); got != tt.want {
					t.Errorf("%s: Bot(%q) = %v, want %v", how, tt.agent, got, tt.want)
				}
			}
			if got := new(Detector).Bot(tt.agent); got != tt.want {
				t.Errorf("without memory: Bot(%q) = %v, want %v", tt.agent, got, tt.want)
			}
		})
	}
}

func TestMemoryIsBounded(t *testing.T) {
	d := New(160)
	for i := range 2000 {
		d.Bot(fmt.Sprintf("Shop/%d", i))
	}
	held := 0
	for i := range d.parts {
		held += len(d.parts[i].young) + len(d.parts[i].old)
	}
	if held > 2*160 {
		t.Errorf("%d user agents are remembered, want at most %d", held, 2*160)
	}
}

func TestManyAtOnce(t *testing.T) {
	d := New(32)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 200 {
				if d.Bot(fmt.Sprintf("%s/%d", chrome, i)) {
					t.Error("a browser was taken for a bot")
				}
				if !d.Bot(fmt.Sprintf("Shopbot/%d", i)) {
					t.Error("a bot was taken for a browser")
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkBot(b *testing.B) {
	b.Run("known", func(b *testing.B) {
		d := New(0)
		for b.Loop() {
			d.Bot(chrome)
		}
	})
	b.Run("new", func(b *testing.B) {
		d := New(0)
		i := 0
		for b.Loop() {
			i++
			d.Bot(fmt.Sprintf("%s/%d", chrome, i))
		}
	})
}

func FuzzBot(f *testing.F) {
	for _, agent := range []string{"", "-", chrome, "curl/8", "\xff\xfe", strings.Repeat("bot", 1000)} {
		f.Add(agent)
	}
	d := New(16)
	f.Fuzz(func(t *testing.T, agent string) {
		if first, again := d.Bot(agent), d.Bot(agent); first != again {
			t.Errorf("Bot(%q) = %v, then %v", agent, first, again)
		}
	})
}
