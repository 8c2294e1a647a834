//go:build gocv

package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/vision/edge"
	"aisle/vision/drawn"
)

// rtspCamera is as much of a network camera as speaks RTSP (RFC 2326) over TCP
// and sends JPEGs in RTP (RFC 2435): real FFmpeg reads it.
type rtspCamera struct {
	address string
	silent  atomic.Bool // it holds the connection and sends nothing
	calls   atomic.Int32
}

func newRTSPCamera(t *testing.T, jpeg func(at time.Duration) []byte) *rtspCamera {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	c := &rtspCamera{address: l.Addr().String()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if err := c.serve(conn, jpeg); err != nil && !errors.Is(err, net.ErrClosed) {
					t.Log("rtsp:", err) // the other side hung up
				}
			}()
		}
	}()
	return c
}

func (c *rtspCamera) url(path string) string { return "rtsp://" + c.address + path }

func (c *rtspCamera) serve(conn net.Conn, jpeg func(at time.Duration) []byte) error {
	in := textproto.NewReader(bufio.NewReader(conn))
	for {
		line, err := in.ReadLine()
		if err != nil {
			return err
		}
		header, err := in.ReadMIMEHeader()
		if err != nil {
			return err
		}
		method, rest, _ := strings.Cut(line, " ")
		address, _, _ := strings.Cut(rest, " ")
		status, more, body := "200 OK", "", ""
		switch method {
		case "OPTIONS":
			more = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n"
		case "DESCRIBE":
			switch {
			case strings.HasSuffix(address, "/secret"):
				status, more = "401 No", "WWW-Authenticate: Basic realm=\"camera\"\r\n"
			case !strings.HasSuffix(address, "/live"):
				status = "404 Not Found"
			default:
				body = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=drawn\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\n"
				more = "Content-Base: " + address + "/\r\nContent-Type: application/sdp\r\n"
			}
		case "SETUP":
			more = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n"
		case "PLAY":
			more = "Session: 1\r\nRange: npt=0.000-\r\n"
		}
		if _, err := fmt.Fprintf(conn, "RTSP/1.0 %s\r\nCSeq: %s\r\n%sContent-Length: %d\r\n\r\n%s", status, header.Get("CSeq"), more, len(body), body); err != nil {
			return err
		}
		if method == "PLAY" {
			c.calls.Add(1)
			return c.play(conn, jpeg)
		}
	}
}

// play sends ten pictures a second until the other side hangs up.
func (c *rtspCamera) play(conn net.Conn, jpeg func(at time.Duration) []byte) error {
	began, sequence := time.Now(), uint16(0)
	for tick := time.Tick(100 * time.Millisecond); ; <-tick {
		if c.silent.Load() {
			if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
				return err
			}
			_, err := conn.Read(make([]byte, 1)) // until the other side has enough of it
			return err
		}
		at := time.Since(began)
		for _, packet := range rtpJPEG(jpeg(at), uint32(at.Seconds()*90_000), &sequence) {
			framed := append([]byte{'$', 0, byte(len(packet) >> 8), byte(len(packet))}, packet...)
			if err := conn.SetWriteDeadline(time.Now().Add(5 * time.Second)); err != nil {
				return err
			}
			if _, err := conn.Write(framed); err != nil {
				return err
			}
		}
	}
}

// rtpJPEG cuts a JPEG of Go's encoder (baseline, 4:2:0, the standard's Huffman
// tables) into packets.
func rtpJPEG(jpeg []byte, timestamp uint32, sequence *uint16) (packets [][]byte) {
	var tables, scan []byte
	var width, height int
	for rest := jpeg[2:]; len(rest) > 4; {
		marker, size := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		body := rest[4 : 2+size]
		rest = rest[2+size:]
		switch marker {
		case 0xdb: // quantization: one byte of number before each table
			for ; len(body) >= 65; body = body[65:] {
				tables = append(tables, body[1:65]...)
			}
		case 0xc0:
			height, width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
		case 0xda:
			scan, rest = bytes.TrimSuffix(rest, []byte{0xff, 0xd9}), nil
		}
	}
	const most = 1400
	for offset := 0; offset < len(scan); {
		n := min(most, len(scan)-offset)
		last := offset+n == len(scan)
		p := []byte{0x80, 26}
		if last {
			p[1] |= 0x80
		}
		p = binary.BigEndian.AppendUint16(p, *sequence)
		p = binary.BigEndian.AppendUint32(p, timestamp)
		p = binary.BigEndian.AppendUint32(p, 0xa151e)                                                                    // who sends
		p = append(p, 0, byte(offset>>16), byte(offset>>8), byte(offset), 1, 255, byte((width+7)/8), byte((height+7)/8)) // 4:2:0, with tables
		if offset == 0 {
			p = append(p, 0, 0, byte(len(tables)>>8), byte(len(tables)))
			p = append(p, tables...)
		}
		packets = append(packets, append(p, scan[offset:offset+n]...))
		*sequence++
		offset += n
	}
	return packets
}

// healthOf is what a process says of one of its cameras.
func (w *watching) healthOf(t *testing.T, h *house, id offers.CameraID) edge.CameraHealth {
	t.Helper()
	for _, c := range w.healths(t, h).Cameras {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("there is no camera %s", id)
	return edge.CameraHealth{}
}

func TestRTSPIsRead(t *testing.T) {
	walks := []drawn.Walk{{Person: drawn.NewPerson(3), Start: time.Second, Duration: 5 * time.Second}}
	camera := newRTSPCamera(t, func(at time.Duration) []byte { return jpegOf(t, scene.Frame(at, walks)) })
	h := newHouse(t)
	w := watch(t, h, drawnThreshold+fmt.Sprintf(`
cameras:
- {id: cam, url: %q, min_face: 56}
- {id: secret, url: %q}
- {id: lost, url: %q}
- {id: nobody, url: "rtsp://127.0.0.1:1/live"}
`, camera.url("/live"), camera.url("/secret"), camera.url("/elsewhere")))
	eventually(t, "pictures come", 15*time.Second, func() bool { return w.healthOf(t, h, "cam").State == edge.Live })
	eventually(t, "somebody came", 20*time.Second, func() bool { return len(h.names()) >= 1 })
	if c := w.healthOf(t, h, "cam"); c.WidthPx != 640 || c.HeightPx != 360 || c.FPS < 3 || c.Kind != "rtsp" {
		t.Errorf("the camera: %+v", c)
	}
	for id, want := range map[offers.CameraID]struct {
		state   edge.State
		problem string
	}{
		"secret": {edge.Refused, "wants a name and password"},
		"lost":   {edge.Refused, "no stream at this path"},
		"nobody": {edge.Connecting, "nothing listens there"},
	} {
		eventually(t, string(id)+" says why", 10*time.Second, func() bool {
			c := w.healthOf(t, h, id)
			return c.State == want.state && strings.Contains(c.Problem, want.problem)
		})
	}

	camera.silent.Store(true)
	began, calls := time.Now(), camera.calls.Load()
	eventually(t, "the stalled feed is noticed", 12*time.Second, func() bool { return w.healthOf(t, h, "cam").State != edge.Live })
	t.Logf("a stalled feed is noticed after %.1f s", time.Since(began).Seconds())
	camera.silent.Store(false)
	eventually(t, "it is opened again", 20*time.Second, func() bool { return camera.calls.Load() > calls && w.healthOf(t, h, "cam").State == edge.Live })
	if c := w.healthOf(t, h, "cam"); c.Reopened == 0 {
		t.Errorf("it was opened again, and says %+v", c)
	}
}
