package feed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"aisle/offers"
	"aisle/services/vision/feed"
	"aisle/vision/drawn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func picture(i int) feed.Picture {
	return feed.Picture{JPEG: []byte{byte(i)}, At: time.Unix(int64(i), 0)}
}

func TestTheNewestPictureWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := feed.NewSlot()
		if _, ok := s.Take(t.Context(), time.Second); ok {
			t.Error("an empty slot gave a picture")
		}
		for i := range 3 {
			s.Put(picture(i))
		}
		if p, ok := s.Take(t.Context(), time.Second); !ok || p.JPEG[0] != 2 {
			t.Errorf("got %v, %v; want the third", p, ok)
		}
		if p, ok := s.Take(t.Context(), time.Second); ok {
			t.Errorf("got %v twice", p)
		}
		go func() {
			time.Sleep(time.Second)
			s.Put(picture(7))
		}()
		if p, ok := s.Take(t.Context(), time.Minute); !ok || p.JPEG[0] != 7 {
			t.Errorf("got %v, %v; want the one that came later", p, ok)
		}
		if n, last := s.Received(); n != 4 || last != time.Unix(7, 0) {
			t.Errorf("received %d, the last at %v", n, last)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, ok := s.Take(ctx, time.Minute); ok {
			t.Error("got a picture after the end")
		}
	})
}

func TestFeedsAreOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := feed.NewSlot()
		began := time.Now()
		var opened []time.Duration
		var told []string
		tries := 0
		feed.Keep(t.Context(), s, func(context.Context) error {
			opened = append(opened, time.Since(began).Round(100*time.Millisecond))
			tries++
			switch tries {
			case 1, 2, 3, 5:
				return offers.ErrUnavailable
			case 4:
				s.Put(picture(1))
				time.Sleep(time.Minute)
				return nil
			}
			return feed.ErrDone
		}, func(err error) { told = append(told, fmt.Sprint(err)) })
		ms := time.Millisecond
		if diff := cmp.Diff([]time.Duration{0, 500 * ms, 1500 * ms, 3500 * ms, 64000 * ms, 65000 * ms}, opened); diff != "" {
			t.Errorf("opened (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"unavailable", "<nil>", "unavailable: the feed ended", "unavailable"}, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

// camera serves what write writes.
func camera(t *testing.T, kind string, write func(w http.ResponseWriter)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		write(w)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestHTTPCameras(t *testing.T) {
	jpegs := [][]byte{bytes.Repeat([]byte("first"), 300), bytes.Repeat([]byte("second"), 300)}
	withLength := func(w http.ResponseWriter) {
		m := drawn.NewMJPEG(w)
		for _, j := range jpegs {
			if err := m.Write(j); err != nil {
				t.Error(err)
			}
		}
	}
	withoutLength := func(w http.ResponseWriter) {
		for _, j := range jpegs {
			fmt.Fprintf(w, "--cam\r\nContent-Type: image/jpeg\r\n\r\n%s\r\n", j)
		}
		fmt.Fprint(w, "--cam--\r\n")
	}
	tests := map[string]struct {
		kind  string
		write func(http.ResponseWriter)
		want  int
		err   error
	}{
		"with lengths":       {drawn.ContentType, withLength, 2, nil},
		"without lengths":    {"multipart/x-mixed-replace;boundary=cam", withoutLength, 2, nil},
		"dashes in the name": {"multipart/x-mixed-replace; boundary=--cam", withoutLength, 2, nil},
		"nothing":            {drawn.ContentType, func(http.ResponseWriter) {}, 0, nil},
		"a page":             {"text/html", func(w http.ResponseWriter) { fmt.Fprint(w, "<p>log in</p>") }, 0, feed.ErrNoPictures},
		"no type":            {"", func(http.ResponseWriter) {}, 0, feed.ErrNoPictures},
		"no boundary":        {"multipart/x-mixed-replace", withoutLength, 0, feed.ErrNoPictures},
		"an endless picture": {drawn.ContentType, func(w http.ResponseWriter) { fmt.Fprint(w, "--picture\r\nContent-Length: 99999999\r\n\r\n") }, 0, offers.ErrInvalid},
		"a picture cut off":  {drawn.ContentType, func(w http.ResponseWriter) { fmt.Fprint(w, "--picture\r\nContent-Length: 100\r\n\r\nabc") }, 0, offers.ErrUnavailable},
		"a header cut off":   {drawn.ContentType, func(w http.ResponseWriter) { fmt.Fprint(w, "--picture\r\nContent-") }, 0, offers.ErrUnavailable},
		"not what it says":   {drawn.ContentType, func(w http.ResponseWriter) { w.Write(bytes.Repeat([]byte{0}, 10000)) }, 0, offers.ErrUnavailable},
		"a picture too large": {"multipart/x-mixed-replace;boundary=cam", func(w http.ResponseWriter) {
			fmt.Fprint(w, "--cam\r\n\r\n")
			w.Write(make([]byte, 9<<20))
		}, 0, offers.ErrInvalid},
		"a single one too large": {"image/jpeg", func(w http.ResponseWriter) { w.Write(make([]byte, 9<<20)) }, 0, offers.ErrInvalid},
		"an endless header": {drawn.ContentType, func(w http.ResponseWriter) {
			fmt.Fprint(w, "--picture\r\n")
			for range 2_000 {
				if _, err := fmt.Fprintf(w, "X-%s: y\r\n", bytes.Repeat([]byte("x"), 10_000)); err != nil {
					return // it had enough of it
				}
			}
		}, 0, nil}, // the standard library has enough of it after 10 MB, and the feed ends
		"an endless answer": {drawn.ContentType, func(w http.ResponseWriter) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		}, 0, offers.ErrUnavailable},
		"a password":          {"", func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) }, 0, offers.ErrDenied},
		"another address":     {"", func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }, 0, offers.ErrInvalid},
		"an error of its own": {"", func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }, 0, offers.ErrUnavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := feed.NewSlot()
			client := &http.Client{Transport: &http.Transport{MaxResponseHeaderBytes: 64 << 10}}
			defer client.CloseIdleConnections()
			err := feed.HTTP(t.Context(), client, camera(t, test.kind, test.write), s)
			if !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}
			if n, _ := s.Received(); n != test.want {
				t.Errorf("%d pictures, want %d", n, test.want)
			}
			if test.want > 0 {
				if p, ok := s.Take(t.Context(), time.Second); !ok || !bytes.Equal(p.JPEG, jpegs[1]) {
					t.Errorf("got %d bytes, want the second picture", len(p.JPEG))
				}
			}
		})
	}
}

func TestPicturesComeAtOnce(t *testing.T) {
	next := make(chan struct{})
	defer close(next)
	address := camera(t, drawn.ContentType, func(w http.ResponseWriter) {
		if err := drawn.NewMJPEG(w).Write([]byte("only one")); err != nil {
			t.Error(err)
		}
		w.(http.Flusher).Flush()
		<-next
	})
	s := feed.NewSlot()
	client := &http.Client{Transport: &http.Transport{}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- feed.HTTP(ctx, client, address, s) }()
	if p, ok := s.Take(t.Context(), 5*time.Second); !ok || string(p.JPEG) != "only one" {
		t.Errorf("got %q, %v; want the picture before the next begins", p.JPEG, ok)
	}
	cancel()
	if err := <-done; err == nil {
		t.Error("no error at the end")
	}
	client.CloseIdleConnections()
}

// stalling is a camera that sends a picture, and then holds the line.
type stalling struct{}

func (stalling) RoundTrip(r *http.Request) (*http.Response, error) {
	out, in := io.Pipe()
	go func() {
		_ = drawn.NewMJPEG(in).Write([]byte("a picture"))
		<-r.Context().Done()
		in.CloseWithError(r.Context().Err())
	}()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {drawn.ContentType}}, Body: out}, nil
}

func TestAStalledFeedIsNoticedWithinTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, began := feed.NewSlot(), time.Now()
		err := feed.HTTP(t.Context(), &http.Client{Transport: stalling{}}, "http://camera.invalid/", s)
		if took := time.Since(began); !errors.Is(err, feed.ErrSilent) || took > 10*time.Second || took < 5*time.Second {
			t.Errorf("%v after %v, want that it is silent", err, took)
		}
		if n, _ := s.Received(); n != 1 {
			t.Errorf("%d pictures, want the one before", n)
		}
	})
}

func TestSinglePicturesAreAskedForAgain(t *testing.T) {
	var asked atomic.Int32
	address := camera(t, "image/jpeg", func(w http.ResponseWriter) {
		asked.Add(1)
		io.WriteString(w, "a picture")
	})
	s := feed.NewSlot()
	client := &http.Client{Transport: &http.Transport{}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := feed.HTTP(ctx, client, address, s); err == nil {
		t.Error("it ended by itself")
	}
	client.CloseIdleConnections()
	if n := asked.Load(); n < 3 || n > 6 {
		t.Errorf("asked %d times in a second, want about 5", n)
	}
}

func FuzzHTTPCamera(f *testing.F) {
	f.Add(drawn.ContentType, []byte("--picture\r\nContent-Type: image/jpeg\r\nContent-Length: 3\r\n\r\nabc\r\n--picture--\r\n"))
	f.Add("image/jpeg", []byte("abc"))
	f.Add("multipart/x-mixed-replace; boundary=\"--\"", []byte("----\r\n\r\n"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		transport := answer{kind, body}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		defer cancel()
		s := feed.NewSlot()
		_ = feed.HTTP(ctx, &http.Client{Transport: transport}, "http://camera.invalid/", s)
	})
}

// answer is a camera that answers without a network.
type answer struct {
	kind string
	body []byte
}

func (a answer) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {a.kind}}, Body: io.NopCloser(bytes.NewReader(a.body))}, nil
}
