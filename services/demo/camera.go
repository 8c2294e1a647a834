package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"aisle/vision/drawn"
)

// A doorCamera is the camera above the entrance: it serves what it sees as
// motion JPEG over HTTP, as network cameras do. Whom it sees is drawn.
type doorCamera struct {
	mu    sync.Mutex // guards walks
	walks []entrance
	began time.Time
	scene *drawn.Scene
}

// An entrance is one person who comes through the door.
type entrance struct {
	face int
	from time.Duration // since the camera began
}

const (
	cameraWidth, cameraHeight = 640, 360
	cameraRate                = 6 // frames a second
	walkThrough               = 5 * time.Second
)

func newDoorCamera() *doorCamera {
	return &doorCamera{began: time.Now(), scene: drawn.NewScene(cameraWidth, cameraHeight)}
}

// enter lets somebody come through the door now, or behind those who are in
// the doorway already. It returns when they will be through.
func (c *doorCamera) enter(face int) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := time.Since(c.began)
	if n := len(c.walks); n > 0 {
		at = max(at, c.walks[n-1].from+walkThrough)
	}
	c.walks = append(c.walks, entrance{face, at})
	return at + walkThrough - time.Since(c.began)
}

// seen is who is in the picture at a time; those who are through are let go.
func (c *doorCamera) seen(at time.Duration) []drawn.Walk {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.walks) > 0 && c.walks[0].from+walkThrough < at {
		c.walks = c.walks[1:]
	}
	var in []drawn.Walk
	for _, w := range c.walks {
		if w.from <= at {
			in = append(in, drawn.Walk{Person: drawn.NewPerson(w.face), Start: w.from, Duration: walkThrough})
		}
	}
	return in
}

// run serves the picture until ctx ends.
func (c *doorCamera) run(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: c, ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		_ = server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}
}

const boundary = "frame"

func (c *doorCamera) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary="+boundary)
	tick := time.NewTicker(time.Second / cameraRate)
	defer tick.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
		at := time.Since(c.began)
		frame, err := drawn.JPEG(c.scene.Frame(at, c.seen(at)))
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(w, "--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", boundary, len(frame)); err != nil {
			return
		}
		if _, err := w.Write(append(frame, "\r\n"...)); err != nil {
			return
		}
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
	}
}
