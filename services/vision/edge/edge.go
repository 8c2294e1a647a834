// Package edge is how the cameras' process, which may stand in the shop while
// the house is elsewhere, talks to the house: it posts sightings in order and
// keeps them on disk while the link is down, fetches the gallery of people who
// enrolled, and hands on enrolments.
//
// It speaks HTTP with the collector only, and knows nothing of OpenCV.
package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"aisle/offers"
)

// Collector is the house's door for sensors. Safe for concurrent use.
type Collector struct {
	url    string
	key    string
	client *http.Client
}

// Timeouts and limits of one call.
const (
	callTimeout  = 5 * time.Second
	answerLimit  = 1 << 20
	galleryLimit = 256 << 20 // some 20,000 people
)

// NewCollector is the collector at an address; key is the edge key.
func NewCollector(address, key string) (*Collector, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("collector %q: %w: an address such as http://127.0.0.1:8080", address, offers.ErrInvalid)
	}
	return &Collector{strings.TrimRight(address, "/"), key, &http.Client{Timeout: callTimeout}}, nil
}

// Sightings posts a batch. ErrInvalid: it was refused for good. ErrUnavailable
// and ErrDenied: it is to be kept, the link or the key will be mended.
func (c *Collector) Sightings(ctx context.Context, batch []offers.Sighting) error {
	body, err := json.Marshal(map[string]any{"sightings": batch})
	if err != nil {
		return fmt.Errorf("sightings: %w: %w", offers.ErrInvalid, err)
	}
	answer, err := c.call(ctx, http.MethodPost, "/v1/sightings", nil, body, answerLimit)
	if err != nil {
		return fmt.Errorf("sightings: %w", err)
	}
	return refusal("sightings", answer)
}

// refusal turns an HTTP answer into the kind of error that it is.
func refusal(what string, a answer) error {
	kind := offers.ErrInvalid
	switch status := a.status; {
	case status < 300:
		return nil
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		kind = offers.ErrDenied
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status == http.StatusNotFound:
		kind = offers.ErrUnavailable // a proxy that does not know the collector yet says not found
	}
	return fmt.Errorf("%s: %w: the collector answered %d: %s", what, kind, a.status, detail(a.body))
}

// detail is the problem's own words, as far as they go in a line.
func detail(body []byte) string {
	var problem struct{ Detail, Title string }
	if json.Unmarshal(body, &problem) == nil && problem.Detail+problem.Title != "" {
		if problem.Detail == "" {
			return problem.Title
		}
		return problem.Detail
	}
	text := strings.Join(strings.Fields(string(body)), " ")
	return text[:min(len(text), 200)]
}

// Face is one face of somebody who enrolled, sealed for shopper and model.
type Face struct {
	Shopper offers.ShopperID `json:"shopper"`
	Model   string           `json:"model"`
	Sealed  []byte           `json:"sealed"`
}

// Gallery is everybody who enrolled, a face after the other, and faces that were
// taken for them and are not theirs.
type Gallery struct {
	Revision string `json:"revision"`
	Faces    []Face `json:"faces"`
	Not      []Face `json:"not"`
}

// Gallery fetches it, if it is another than the one of the tag; the tag is empty
// at first. nil: it is the same.
func (c *Collector) Gallery(ctx context.Context, tag string) (*Gallery, string, error) {
	header := http.Header{}
	if tag != "" {
		header.Set("If-None-Match", tag)
	}
	answer, err := c.call(ctx, http.MethodGet, "/v1/gallery", header, nil, galleryLimit)
	if err != nil {
		return nil, tag, fmt.Errorf("gallery: %w", err)
	}
	if answer.status == http.StatusNotModified {
		return nil, tag, nil
	}
	if err := refusal("gallery", answer); err != nil {
		return nil, tag, err
	}
	g := new(Gallery)
	if err := json.Unmarshal(answer.body, g); err != nil {
		return nil, tag, fmt.Errorf("gallery: %w: %w", offers.ErrInvalid, err)
	}
	return g, answer.tag, nil
}

// Enrolment is somebody's sealed faces, with the token that allows it and says
// whose they are.
type Enrolment struct {
	Token string   `json:"token"`
	Model string   `json:"model"`
	Faces [][]byte `json:"faces"`
}

// Enrol hands an enrolment on, and returns what the collector answers, whatever
// it is. An error is a collector that did not answer.
func (c *Collector) Enrol(ctx context.Context, e Enrolment) (status int, body []byte, err error) {
	if body, err = json.Marshal(e); err != nil {
		return 0, nil, fmt.Errorf("enrolment: %w: %w", offers.ErrInvalid, err)
	}
	a, err := c.call(ctx, http.MethodPost, "/v1/enrolments", nil, body, answerLimit)
	if err != nil {
		return 0, nil, fmt.Errorf("enrolment: %w", err)
	}
	return a.status, a.body, nil
}

// answer is what the collector said.
type answer struct {
	status int
	tag    string
	body   []byte
}

func (c *Collector) call(ctx context.Context, method, path string, header http.Header, body []byte, limit int64) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	maps.Copy(request.Header, header)
	request.Header.Set("Authorization", "Bearer "+c.key)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.client.Do(request)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // without the address, which the log has said before
		}
		return answer{}, fmt.Errorf("%w: %w", offers.ErrUnavailable, err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", offers.ErrUnavailable, err)
	}
	if int64(len(b)) > limit {
		return answer{}, fmt.Errorf("%w: the answer is longer than %d bytes", offers.ErrInvalid, limit)
	}
	return answer{response.StatusCode, response.Header.Get("ETag"), b}, nil
}
