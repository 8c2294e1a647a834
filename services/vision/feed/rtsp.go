package feed

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
)

// rtspPatience is how long a camera may take to say what is wrong.
const rtspPatience = 3 * time.Second

// WhyNoRTSP asks a camera, in its own protocol (RFC 2326, DESCRIBE), why its
// stream cannot be opened: FFmpeg does not tell. The error is ErrUnavailable for
// one that is away or busy, ErrDenied for a name or password that it does not
// take, ErrInvalid for an address without a stream that can be read.
func WhyNoRTSP(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return fmt.Errorf("camera: %w: not an address: want rtsp://name:password@host:554/path", offers.ErrInvalid)
	}
	unread := fmt.Errorf("camera: %w: its stream cannot be read: is it H.264, H.265 or JPEG?", offers.ErrInvalid)
	if u.Scheme != "rtsp" {
		return unread // what is encrypted is FFmpeg's matter
	}
	ctx, cancel := context.WithTimeout(ctx, rtspPatience)
	defer cancel()
	port := u.Port()
	if port == "" {
		port = "554"
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return away(err)
	}
	defer conn.Close()
	context.AfterFunc(ctx, func() { conn.Close() })
	named := u.User != nil
	u.User = nil
	if _, err := fmt.Fprintf(conn, "DESCRIBE %s RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\nUser-Agent: aisle\r\n\r\n", u); err != nil {
		return fmt.Errorf("camera: %w: %w", offers.ErrUnavailable, err)
	}
	line, err := textproto.NewReader(bufio.NewReader(io.LimitReader(conn, 4<<10))).ReadLine()
	if err != nil {
		return fmt.Errorf("camera: %w: it takes the call and gives no answer", offers.ErrUnavailable)
	}
	protocol, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	status, err := strconv.Atoi(code)
	switch {
	case !strings.HasPrefix(protocol, "RTSP/") || err != nil:
		return fmt.Errorf("camera: %w: what answers there is no RTSP camera", offers.ErrInvalid)
	case status == 200:
		return unread
	case status == 401 || status == 403:
		if named {
			return fmt.Errorf("camera: %w: it does not take this name and password, or has no stream that can be read", offers.ErrDenied)
		}
		return fmt.Errorf("camera: %w: it wants a name and password: rtsp://name:password@host", offers.ErrDenied)
	case status == 404:
		return fmt.Errorf("camera: %w: it has no stream at this path; its maker's pages name the right one", offers.ErrInvalid)
	}
	return fmt.Errorf("camera: %w: it answered %.60q", offers.ErrUnavailable, rest)
}
