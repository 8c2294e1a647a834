package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"github.com/goccy/go-json"
	"github.com/klauspost/compress/gzip"

	"aisle/offers"
	"aisle/services/formats/feed"
)

// requestWithin is how long one request may take: longer than the door itself
// waits for the log.
const requestWithin = 40 * time.Second

// How long a door is waited for that does not answer, or has no time, before
// who reads a file once gives up. Who follows waits for ever.
const (
	patience  = 2 * time.Minute
	knock     = 15 * time.Second // where nobody listens at all
	firstWait = 200 * time.Millisecond
	longest   = 15 * time.Second
)

// door is the collector, by HTTP. Safe for concurrent use.
type door struct {
	client  *http.Client
	to, key string
	patient bool
	tell    func(format string, args ...any) // what keeps it waiting, once
}

// answer is the door's.
type answer struct {
	Accepted, Repeated, Quarantined, Skipped int64
	Reasons, Skips, Drift                    map[string]int64
	Title, Detail                            string // of a problem
}

// post brings a batch to the door and says what became of it. It waits and
// tries again while the door is busy or away. A batch that is too large goes in
// halves.
func (d *door) post(ctx context.Context, path string, b *feed.Batch) (Counts, error) {
	body, err := b.AppendTo(nil)
	if err != nil {
		return Counts{}, err
	}
	packed, err := pack(body)
	if err != nil {
		return Counts{}, err
	}
	began, wait, told := time.Now(), firstWait, false
	for {
		a, status, after, err := d.once(ctx, path, packed)
		limit := patience
		switch {
		case err == nil && status < 300:
			if told {
				d.tell("%s answers again", d.to)
			}
			return a.counts(), nil
		case ctx.Err() != nil:
			return Counts{}, ctx.Err()
		case err == nil && status == http.StatusRequestEntityTooLarge && len(b.Records) > 1:
			return d.halves(ctx, path, b)
		case err == nil && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout:
			return Counts{}, refused(d.to, status, &a)
		case err != nil:
			err = nobody(d.to, err)
			if errors.Is(err, syscall.ECONNREFUSED) || isUnknownHost(err) {
				limit = knock
			}
		default:
			err = fmt.Errorf("%w: %s answers %d %s", offers.ErrUnavailable, d.to, status, a.Detail)
		}
		if !d.patient && time.Since(began) > limit {
			return Counts{}, err
		}
		if !told && time.Since(began) > time.Second {
			told = true
			d.tell("waiting: %v", err)
		}
		pause := wait
		if after > 0 {
			pause = after
		}
		wait = min(2*wait, longest)
		if !sleep(ctx, pause) {
			return Counts{}, ctx.Err()
		}
	}
}

// plan is that of a feed of the house's own.
func (d *door) plan(ctx context.Context, name string) (*feed.Plan, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.to+"/v1/feeds/"+url.PathEscape(name), nil)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(d.key, "")
	resp, err := d.client.Do(req)
	if err != nil {
		return nil, nobody(d.to, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return nil, nobody(d.to, err)
	}
	if resp.StatusCode != http.StatusOK {
		var a answer
		_ = json.Unmarshal(b, &a) // a proxy may answer otherwise
		return nil, refused(d.to, resp.StatusCode, &a)
	}
	p := new(feed.Plan)
	if err := json.Unmarshal(b, p); err != nil {
		return nil, fmt.Errorf("the plan of %s: %w: %w", name, offers.ErrInvalid, err)
	}
	return p, p.Check()
}

func nobody(to string, err error) error {
	return fmt.Errorf("%w: nobody answers at %s: %w; is aisle running there? -to names another address", offers.ErrUnavailable, to, err)
}

// halves sends a batch as two. The first says no more of the file than it has.
func (d *door) halves(ctx context.Context, path string, b *feed.Batch) (Counts, error) {
	mid := len(b.Records) / 2
	first, second := *b, *b
	first.Records, second.Records = b.Records[:mid], b.Records[mid:]
	first.To = second.Records[0].At
	second.From, second.Anew = first.To, false
	counts, err := d.post(ctx, path, &first)
	if err != nil {
		return counts, err
	}
	more, err := d.post(ctx, path, &second)
	counts.add(more)
	return counts, err
}

func (d *door) once(ctx context.Context, path string, packed []byte) (a answer, status int, after time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.to+path, bytes.NewReader(packed))
	if err != nil {
		return a, 0, 0, err
	}
	req.SetBasicAuth(d.key, "")
	req.Header.Set("Content-Type", feed.ContentType)
	req.Header.Set("Content-Encoding", "gzip")
	req.Header.Set("User-Agent", "aisle-ingest")
	resp, err := d.client.Do(req)
	if err != nil {
		return a, 0, 0, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return a, 0, 0, err
	}
	if e := json.Unmarshal(b, &a); e != nil && resp.StatusCode < 300 {
		return a, 0, 0, fmt.Errorf("what answers is no house of this kind: %.80q", b)
	}
	if s, e := strconv.Atoi(resp.Header.Get("Retry-After")); e == nil && s > 0 {
		after = min(time.Duration(s)*time.Second, time.Minute)
	}
	return a, resp.StatusCode, after, nil
}

func (a *answer) counts() Counts {
	c := Counts{Accepted: a.Accepted, Repeated: a.Repeated, Quarantined: a.Reasons, Skipped: a.Skips, Drift: a.Drift}
	return c
}

// refused is the door's no, in words that say what to do.
func refused(to string, status int, a *answer) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%w: the write key is not one of %s: the console lists them under Sources, and makes new ones; give it by -key or AISLE_WRITE_KEY", offers.ErrDenied, to)
	case http.StatusNotFound:
		if a.Detail == "" {
			a.Detail = "there is no such door"
		}
		return fmt.Errorf("%w: %s: %s", offers.ErrNotFound, to, a.Detail)
	}
	return fmt.Errorf("%w: %s answers %d %s %s", offers.ErrInvalid, to, status, a.Title, a.Detail)
}

func isUnknownHost(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound
}

func pack(body []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
