package feed_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"aisle/offers"
	"aisle/services/vision/feed"
)

func TestWhyACameraCannotBeRead(t *testing.T) {
	tests := map[string]struct {
		user   string
		answer string
		kind   error
		want   string
	}{
		"a password":         {"", "RTSP/1.0 401 No\r\nCSeq: 1\r\n\r\n", offers.ErrDenied, "wants a name and password"},
		"another password":   {"u:p@", "RTSP/1.0 401 No\r\n\r\n", offers.ErrDenied, "does not take this name"},
		"another path":       {"", "RTSP/1.0 404 Not Found\r\n\r\n", offers.ErrInvalid, "no stream at this path"},
		"busy":               {"", "RTSP/1.0 503 Busy\r\n\r\n", offers.ErrUnavailable, "503 Busy"},
		"another codec":      {"", "RTSP/1.0 200 OK\r\n\r\n", offers.ErrInvalid, "cannot be read"},
		"a web server":       {"", "HTTP/1.1 400 Bad Request\r\n\r\n", offers.ErrInvalid, "no RTSP camera"},
		"garbage":            {"", "\x00\xff\x17\x00\n", offers.ErrInvalid, "no RTSP camera"},
		"a line without end": {"", strings.Repeat("x", 100_000), offers.ErrUnavailable, "no answer"},
		"silence":            {"", "", offers.ErrUnavailable, "no answer"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan string, 1)
			go func() {
				conn, err := l.Accept()
				if err != nil {
					done <- err.Error()
					return
				}
				defer conn.Close()
				line, _ := bufio.NewReader(conn).ReadString('\n')
				fmt.Fprint(conn, test.answer)
				done <- line
			}()
			err = feed.WhyNoRTSP(t.Context(), "rtsp://"+test.user+l.Addr().String()+"/live")
			if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %v and %q", err, test.kind, test.want)
			}
			if asked, want := <-done, "DESCRIBE rtsp://"+l.Addr().String()+"/live RTSP/1.0\r\n"; asked != want {
				t.Errorf("it was asked %q, want %q: the password stays here", asked, want)
			}
			l.Close()
		})
	}
	if err := feed.WhyNoRTSP(t.Context(), "rtsp://127.0.0.1:1/live"); !errors.Is(err, offers.ErrUnavailable) {
		t.Errorf("nobody there: %v", err)
	}
	if err := feed.WhyNoRTSP(t.Context(), "rtsp://%zz"); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("no address: %v", err)
	}
}
