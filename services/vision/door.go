//go:build gocv

package main

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"aisle/offers"
	"aisle/services/vision/edge"
	"aisle/services/vision/feed"
	"aisle/vision"
	"aisle/vision/pass"
)

// door is the process's HTTP: pictures of browsers that play the camera,
// enrolments, and how it is. Pictures stay in memory, and no longer than they
// are looked at.
type door struct {
	edgeKey   string
	sealKey   []byte
	cameras   map[string]*camera
	health    func() edge.Health
	engine    *engine
	gallery   *gallery
	collector *edge.Collector
	metrics   *metrics
	registry  *prometheus.Registry
	logger    *slog.Logger
	enrolling chan struct{} // as many as may wait
}

// Limits of what comes in.
const (
	frameLimit     = 2 << 20
	portraitLimit  = 8 << 20
	portraits      = 5
	fieldLimit     = 4 << 10
	enrolmentLimit = portraits*portraitLimit + 64<<10
	enrolmentsWait = 4
	pictureWithin  = 5 * time.Second

	smallestPortrait = 40 // pixels: smaller faces are not even called too small
)

func (d *door) handler() http.Handler {
	d.enrolling = make(chan struct{}, enrolmentsWait)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /vision/frames/{camera}", d.frame)
	mux.HandleFunc("POST /vision/enrolments", d.enrol)
	mux.HandleFunc("GET /vision/cameras", d.healths)
	mux.HandleFunc("GET /vision/cameras/{camera}/picture", d.picture)
	mux.HandleFunc("GET /vision/camera/{camera}", pageFile("camera.html"))
	mux.HandleFunc("GET /vision/camera/page/camera.js", pageFile("camera.js"))
	mux.HandleFunc("GET /vision/camera/page/camera.css", pageFile("camera.css"))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, map[string]bool{"live": true}) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, map[string]bool{"ready": true}) })
	mux.Handle("GET /metrics", promhttp.HandlerFor(d.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("There is no %s %s here.", r.Method, r.URL.Path)})
	})
	return mux
}

// keyOf is what a request brings to be let in.
func keyOf(r *http.Request) string {
	if key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return key
	}
	return r.URL.Query().Get("key")
}

// known tells whether a request has the edge key.
func (d *door) known(r *http.Request) bool {
	return subtle.ConstantTimeCompare([]byte(keyOf(r)), []byte(d.edgeKey)) == 1
}

// passed tells whether a request has the edge key, or a pass of the console for
// this one camera.
func (d *door) passed(r *http.Request, purpose pass.Purpose) bool {
	camera := offers.CameraID(r.PathValue("camera"))
	return d.known(r) || pass.Check([]byte(d.edgeKey), purpose, camera, keyOf(r), time.Now()) == nil
}

var (
	errNoKey  = problem{Status: http.StatusUnauthorized, Detail: "Send the edge key: Authorization: Bearer <key>, or ?key=<key>."}
	errNoPass = problem{Status: http.StatusUnauthorized, Detail: "This link does not hold (any more). The console makes a new one on the camera's page."}
)

// picture shows the camera's next picture to whoever maps the floor. It is not
// kept, here or in between.
func (d *door) picture(w http.ResponseWriter, r *http.Request) {
	if !d.passed(r, pass.Look) {
		refuse(w, errNoPass)
		return
	}
	c := d.cameras[r.PathValue("camera")]
	if c == nil {
		refuse(w, problem{Status: http.StatusNotFound, Detail: "This process has no camera of this name."})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pictureWithin)
	defer cancel()
	p, err := c.next(ctx)
	if err != nil {
		refuse(w, problem{Status: http.StatusServiceUnavailable, Detail: "The camera sends no picture now."})
		return
	}
	encoded := p.JPEG
	if encoded == nil {
		if encoded, err = encode(p.Frame); err != nil {
			refuse(w, problem{Status: http.StatusInternalServerError, Detail: "The picture cannot be shown."})
			return
		}
	}
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(encoded)
}

// encode writes a frame as a JPEG.
func encode(f *vision.Frame) ([]byte, error) {
	var picture image.Image = &image.Gray{Pix: f.Gray, Stride: f.Width, Rect: image.Rect(0, 0, f.Width, f.Height)}
	if f.BGR != nil {
		rgba := image.NewRGBA(image.Rect(0, 0, f.Width, f.Height))
		for i := range f.Width * f.Height {
			rgba.Pix[4*i], rgba.Pix[4*i+1], rgba.Pix[4*i+2], rgba.Pix[4*i+3] = f.BGR[3*i+2], f.BGR[3*i+1], f.BGR[3*i], 255
		}
		picture = rgba
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 85})
	return b.Bytes(), err
}

// frame takes one JPEG of a browser that plays the camera.
func (d *door) frame(w http.ResponseWriter, r *http.Request) {
	if !d.passed(r, pass.Send) {
		refuse(w, errNoPass)
		return
	}
	c := d.cameras[r.PathValue("camera")]
	if c == nil || c.kind != kindBrowser {
		refuse(w, problem{Status: http.StatusNotFound, Detail: "There is no camera of this name that takes pictures by HTTP: give it the url \"browser\"."})
		return
	}
	encoded, err := io.ReadAll(http.MaxBytesReader(w, r.Body, frameLimit))
	if err != nil {
		refuse(w, bodyProblem(err, frameLimit))
		return
	}
	if _, err := vision.CheckJPEG(encoded); err != nil {
		d.metrics.frames.WithLabelValues(string(c.config.ID), "bad").Inc()
		refuse(w, problem{Status: http.StatusUnprocessableEntity, Detail: inWords(err)})
		return
	}
	c.slot.Put(feed.Picture{JPEG: encoded, At: time.Now()})
	w.WriteHeader(http.StatusNoContent)
}

// portrait is what came of one picture of an enrolment.
type portrait struct {
	Index   int             `json:"index"` // from 0
	Good    bool            `json:"good"`
	Problem string          `json:"problem,omitempty"` // a word for programs
	Advice  string          `json:"advice,omitempty"`  // a sentence for people
	Quality *vision.Quality `json:"quality,omitempty"`
	face    vision.Vector
}

// enrol makes sealed vectors of one to five portraits and hands them to the
// house, which knows whether the token allows it.
func (d *door) enrol(w http.ResponseWriter, r *http.Request) {
	select {
	case d.enrolling <- struct{}{}:
		defer func() { <-d.enrolling }()
	default:
		w.Header().Set("Retry-After", "2")
		refuse(w, problem{Status: http.StatusTooManyRequests, Detail: "Many people enrol just now. Try again in a moment."})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, enrolmentLimit)
	token, images, err := readEnrolment(r)
	if err != nil {
		d.metrics.enrolled.WithLabelValues("refused").Inc()
		var p problem
		if !errors.As(err, &p) {
			p = bodyProblem(err, enrolmentLimit)
		}
		refuse(w, p)
		return
	}
	shopper, ok := subject(token)
	if !ok {
		d.metrics.enrolled.WithLabelValues("refused").Inc()
		refuse(w, problem{Status: http.StatusForbidden, Detail: "This token does not enrol anyone. Ask for a new one in the app."})
		return
	}
	looked, good := make([]portrait, len(images)), true
	for i, jpeg := range images {
		looked[i] = d.lookAt(jpeg)
		looked[i].Index = i
		good = good && looked[i].Good
	}
	if !good {
		d.metrics.enrolled.WithLabelValues("poor").Inc()
		refuse(w, problem{Status: http.StatusUnprocessableEntity, Detail: firstAdvice(looked), Images: looked})
		return
	}
	e := edge.Enrolment{Token: token, Model: d.engine.describer.Model()}
	for _, p := range looked {
		sealed, err := vision.Seal(d.sealKey, shopper, e.Model, p.face)
		clear(p.face)
		if err != nil {
			d.fail(w, err)
			return
		}
		e.Faces = append(e.Faces, sealed)
	}
	status, answer, err := d.collector.Enrol(r.Context(), e)
	if err != nil {
		d.fail(w, err)
		return
	}
	if status >= 300 {
		d.metrics.enrolled.WithLabelValues("refused").Inc()
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		_, _ = w.Write(answer)
		return
	}
	d.metrics.enrolled.WithLabelValues("taken").Inc()
	d.gallery.refresh()
	body := map[string]any{}
	_ = json.Unmarshal(answer, &body) // whatever it is: the enrolment is taken
	body["images"] = looked
	reply(w, status, body)
}

// fail says that the house does not answer.
func (d *door) fail(w http.ResponseWriter, err error) {
	d.metrics.enrolled.WithLabelValues("failed").Inc()
	d.logger.Error("enrolment failed", "err", err)
	w.Header().Set("Retry-After", "5")
	refuse(w, problem{Status: http.StatusServiceUnavailable, Detail: "The enrolment could not be kept. Nothing was stored. Try again in a moment."})
}

// lookAt finds the one face in a portrait and describes it.
func (d *door) lookAt(jpeg []byte) (p portrait) {
	f, err := d.engine.decode(jpeg, time.Time{})
	if err != nil {
		p.Problem, p.Advice = "no_picture", inWords(err)
		return p
	}
	d.engine.mu.Lock()
	defer d.engine.mu.Unlock()
	faces, err := d.engine.detector.Detect(f, smallestPortrait)
	if err != nil {
		p.Problem, p.Advice = "no_picture", inWords(err)
		return p
	}
	var face vision.Face
	for _, one := range faces {
		if one.Side() > face.Side() {
			face = one
		}
	}
	near := 0
	for _, one := range faces {
		if 2*one.Side() >= face.Side() { // others are people far behind, or patterns on the wall
			near++
		}
	}
	switch near {
	case 0:
		p.Problem, p.Advice = "no_face", "no face found: come closer, and look into the camera"
		return p
	case 1:
	default:
		p.Problem, p.Advice = "several_faces", fmt.Sprintf("%d faces: only yours should be in the picture", near)
		return p
	}
	q, err := vision.Grade(f, face)
	if err != nil {
		p.Problem, p.Advice = "no_picture", inWords(err)
		return p
	}
	p.Quality = &q
	if flaw := vision.DefaultGate.Flaw(q); flaw != "" {
		p.Problem, p.Advice = string(flaw), vision.DefaultGate.Advice(flaw, q)
		return p
	}
	if p.face, err = d.engine.describer.Describe(f, face); err != nil {
		p.Problem, p.Advice = "no_picture", inWords(err)
		return p
	}
	p.Good = true
	return p
}

func firstAdvice(looked []portrait) string {
	for _, p := range looked {
		if !p.Good {
			return fmt.Sprintf("Picture %d: %s.", p.Index+1, p.Advice)
		}
	}
	return ""
}

// readEnrolment reads the form part by part: Go's own form parser would write
// large pictures to disk.
func readEnrolment(r *http.Request) (token string, images [][]byte, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return "", nil, problem{Status: http.StatusUnsupportedMediaType, Detail: "Send multipart/form-data: a field token, and one to five files image."}
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", nil, err
		}
		switch part.FormName() {
		case "token":
			b, err := readPart(part, fieldLimit)
			if err != nil {
				return "", nil, err
			}
			token = strings.TrimSpace(string(b))
		case "image":
			if len(images) == portraits {
				return "", nil, problem{Status: http.StatusUnprocessableEntity, Detail: fmt.Sprintf("At most %d pictures at once.", portraits)}
			}
			b, err := readPart(part, portraitLimit)
			if err != nil {
				return "", nil, err
			}
			images = append(images, b)
		}
	}
	switch {
	case token == "":
		return "", nil, problem{Status: http.StatusUnprocessableEntity, Detail: "The field token is missing: the app gets one before it sends pictures."}
	case len(images) == 0:
		return "", nil, problem{Status: http.StatusUnprocessableEntity, Detail: "There is no picture: send one to five files image."}
	}
	return token, images, nil
}

func readPart(part *multipart.Part, limit int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(part, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(b) > limit {
		return nil, problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("The part %.20q is larger than %d bytes.", part.FormName(), limit)}
	}
	return b, nil
}

// subject is whom a token is for. Whether it is genuine only the house can
// tell; a face that was sealed for somebody else opens for nobody.
func subject(token string) (offers.ShopperID, bool) {
	first, _, _ := strings.Cut(token, ".")
	body, err := base64.RawURLEncoding.DecodeString(first)
	dot := strings.LastIndexByte(string(body), '.')
	if err != nil || dot < 1 {
		return "", false
	}
	return offers.ShopperID(body[:dot]), true
}

// healths says how this process and its cameras are.
func (d *door) healths(w http.ResponseWriter, r *http.Request) {
	if !d.known(r) {
		refuse(w, errNoKey)
		return
	}
	reply(w, http.StatusOK, d.health())
}

// problem is an answer that says what is wrong (RFC 9457).
type problem struct {
	Type   string     `json:"type"`
	Title  string     `json:"title"`
	Status int        `json:"status"`
	Detail string     `json:"detail"`
	Images []portrait `json:"images,omitempty"`
}

func (p problem) Error() string { return p.Detail }

func refuse(w http.ResponseWriter, p problem) {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	w.Header().Set("Content-Type", "application/problem+json")
	write(w, p.Status, p)
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	write(w, status, body)
}

func write(w http.ResponseWriter, status int, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		status, b = http.StatusInternalServerError, nil
	}
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// bodyProblem is why a body could not be read.
func bodyProblem(err error, limit int) problem {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("More than %d bytes.", limit)}
	}
	return problem{Status: http.StatusBadRequest, Detail: "The request broke off, or is not what it says it is."}
}

// inWords is an error without its kind, for people.
func inWords(err error) string {
	said := err.Error()
	for _, kind := range []error{offers.ErrInvalid, offers.ErrUnavailable, offers.ErrDenied, offers.ErrNotFound} {
		said = strings.Replace(said, ": "+kind.Error(), "", 1)
		said = strings.TrimPrefix(said, kind.Error()+": ")
	}
	return said
}
