// Package feed brings a camera's pictures to whoever looks at them. A camera
// sends when it likes and the looking takes its time, so the newest picture
// wins: nobody ever looks at what was a while ago.
//
// Pictures come by HTTP as cameras send them (multipart/x-mixed-replace, or a
// single JPEG that is asked for again and again), or are put in by a browser
// that plays the camera. Video files and RTSP are read with OpenCV by the main
// program, into the same Slot.
package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"aisle/offers"
	"aisle/vision"
)

// Picture is what a camera sends: an encoded picture, or a frame of a video that
// is decoded already.
type Picture struct {
	JPEG  []byte
	Frame *vision.Frame
	At    time.Time
}

// Slot holds the newest picture until somebody takes it. Safe for concurrent
// use.
type Slot struct {
	mu      sync.Mutex
	picture Picture
	full    bool
	put     chan struct{} // of capacity 1: there is one
	last    time.Time
	count   int
}

// NewSlot makes an empty one.
func NewSlot() *Slot { return &Slot{put: make(chan struct{}, 1)} }

// Put replaces the picture.
func (s *Slot) Put(p Picture) {
	s.mu.Lock()
	s.picture, s.full, s.last = p, true, p.At
	s.count++
	s.mu.Unlock()
	select {
	case s.put <- struct{}{}:
	default:
	}
}

// Take waits for a picture; false when ctx or the patience ends first.
func (s *Slot) Take(ctx context.Context, patience time.Duration) (Picture, bool) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case <-s.put:
		case <-timer.C:
			return Picture{}, false
		case <-ctx.Done():
			return Picture{}, false
		}
		s.mu.Lock()
		p, full := s.picture, s.full
		s.picture, s.full = Picture{}, false
		s.mu.Unlock()
		if full {
			return p, true
		}
	}
}

// Received is how many pictures came, and when the last did; the zero time
// before the first.
func (s *Slot) Received() (count int, last time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count, s.last
}

// Stalled is how long a feed may be silent before it is opened again: short
// enough for whoever watches the cameras to know within ten seconds.
const Stalled = 8 * time.Second

// Between tries to open a feed.
const (
	backoffFirst = 500 * time.Millisecond
	backoffMax   = 30 * time.Second
)

// Keep reads a feed until ctx ends, and opens it again when it ends or fails:
// at once after a good run, else after longer and longer. It tells what is
// wrong whenever that is something else than before, nil when pictures come
// again. read reads until the feed ends, and returns why; ErrDone ends Keep,
// ErrAgain begins anew.
func Keep(ctx context.Context, slot *Slot, read func(context.Context) error, tell func(error)) {
	backoff := backoffFirst
	wrong := "" // as told
	for {
		before, _ := slot.Received()
		recovered := func() {}
		if wrong != "" {
			recovered = whenPictures(ctx, slot, before, func() { tell(nil) })
		}
		err := read(ctx)
		recovered()
		if ctx.Err() != nil || errors.Is(err, ErrDone) {
			return
		}
		if now, _ := slot.Received(); now > before {
			backoff, wrong = backoffFirst, ""
		}
		if err == nil {
			err = fmt.Errorf("%w: the feed ended", offers.ErrUnavailable)
		}
		if !errors.Is(err, ErrAgain) && err.Error() != wrong {
			tell(err)
			wrong = err.Error()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(backoff):
		}
		backoff = min(2*backoff, backoffMax)
	}
}

// whenPictures calls well once pictures come; stop ends the wait for them.
func whenPictures(ctx context.Context, slot *Slot, before int, well func()) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if now, _ := slot.Received(); now > before {
				well()
				return
			}
		}
	}()
	return func() { cancel(); <-done }
}

// Ends of a feed.
var (
	// ErrDone is a file that was read to its end.
	ErrDone = errors.New("the feed has ended")
	// ErrAgain is a file that is to be read from its beginning.
	ErrAgain = errors.New("the feed begins again")
	// ErrNoPictures is an address that answers with something else than JPEG.
	ErrNoPictures = errors.New("neither motion JPEG nor a JPEG")
	// ErrSilent is a feed that stalled.
	ErrSilent = fmt.Errorf("camera: %w: no picture for %v", offers.ErrUnavailable, Stalled)
)

var errTooLarge = fmt.Errorf("camera: %w: a picture of more than %d bytes", offers.ErrInvalid, pictureLimit)

const (
	pictureLimit = 8 << 20
	askAgain     = 200 * time.Millisecond // for a camera that sends single pictures
)

// HTTP reads a camera's pictures until they end, ctx does, or none came for
// Stalled. The address may hold a name and password for basic authentication.
func HTTP(ctx context.Context, client *http.Client, address string, slot *Slot) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(Stalled, func() { cancel(ErrSilent) })
	defer watchdog.Stop()

	err := readHTTP(ctx, client, address, func(jpeg []byte) {
		watchdog.Reset(Stalled)
		slot.Put(Picture{JPEG: jpeg, At: time.Now()})
	})
	if errors.Is(context.Cause(ctx), ErrSilent) {
		return ErrSilent
	}
	return err
}

func readHTTP(ctx context.Context, client *http.Client, address string, put func([]byte)) error {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return fmt.Errorf("camera: %w: not an address", offers.ErrInvalid)
		}
		response, err := client.Do(request)
		if err != nil {
			return away(err)
		}
		again, err := readResponse(response, put)
		response.Body.Close()
		if err != nil || !again {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(askAgain):
		}
	}
}

// away says in words why a camera was not reached. The address, which may hold a
// password, is not among them.
func away(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	var why string
	cause := err
	if named, ok := errors.AsType[*net.DNSError](err); ok {
		why, cause = "there is no machine of this name", errors.New(named.Err)
	} else if timed, ok := errors.AsType[net.Error](err); ok && timed.Timeout() {
		why = "it does not answer: is it on, and on this network?"
	} else if errors.Is(err, syscall.ECONNREFUSED) {
		why, cause = "nothing listens there: is the port right?", syscall.ECONNREFUSED
	} else {
		return fmt.Errorf("camera: %w: %w", offers.ErrUnavailable, err)
	}
	return fmt.Errorf("camera: %w: %s (%w)", offers.ErrUnavailable, why, cause)
}

// readResponse tells whether to ask again.
func readResponse(r *http.Response, put func([]byte)) (again bool, err error) {
	switch r.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden:
		return false, fmt.Errorf("camera: %w: it answered %s: write its name and password into the address, http://name:password@host", offers.ErrDenied, r.Status)
	case http.StatusNotFound:
		return false, fmt.Errorf("camera: %w: it answered %s: it has its pictures at another address", offers.ErrInvalid, r.Status)
	default:
		return false, fmt.Errorf("camera: %w: it answered %s", offers.ErrUnavailable, r.Status)
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "image/jpeg":
		b, err := io.ReadAll(io.LimitReader(r.Body, pictureLimit+1))
		if err != nil {
			return false, fmt.Errorf("camera: %w: %w", offers.ErrUnavailable, err)
		}
		if len(b) > pictureLimit {
			return false, errTooLarge
		}
		put(b)
		return true, nil
	case err == nil && strings.HasPrefix(kind, "multipart/") && params["boundary"] != "":
		// Some cameras write the dashes that begin a boundary into its name.
		return false, readParts(multipart.NewReader(r.Body, strings.TrimPrefix(params["boundary"], "--")), put)
	}
	return false, fmt.Errorf("camera: %w: it sends %q: %w", offers.ErrInvalid, r.Header.Get("Content-Type"), ErrNoPictures)
}

// readParts reads pictures between boundaries. What is no such thing ends it:
// a header of more than 10 MB, or anything longer than the reader's buffer
// before the first boundary (the standard library's bounds), a picture of more
// than 8 MiB.
func readParts(parts *multipart.Reader, put func([]byte)) error {
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("camera: %w: between pictures: %w", offers.ErrUnavailable, err)
		}
		size, err := strconv.Atoi(part.Header.Get("Content-Length"))
		if size > pictureLimit {
			return errTooLarge
		}
		var jpeg []byte
		if err == nil && size > 0 {
			// By its length: waiting for the next boundary would be a frame late.
			jpeg = make([]byte, size)
			_, err = io.ReadFull(part, jpeg)
		} else {
			jpeg, err = io.ReadAll(io.LimitReader(part, pictureLimit+1))
		}
		if err != nil {
			return fmt.Errorf("camera: %w: within a picture: %w", offers.ErrUnavailable, err)
		}
		if len(jpeg) > pictureLimit {
			return errTooLarge
		}
		put(jpeg)
	}
}
