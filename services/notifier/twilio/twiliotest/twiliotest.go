// Package twiliotest is a Twilio in a box: the part of its API that sends and
// lists messages, with its signatures and its misbehaviour. It checks each
// request against Twilio's own OpenAPI document, where one is given.
package twiliotest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"aisle/services/notifier/twilio"
)

// The account of a Server that is given none.
const (
	AccountSID = "AC00000000000000000000000000000001"
	AuthToken  = "12345678901234567890123456789012"
)

// Options of a Server. The zero value works.
type Options struct {
	AccountSID, AuthToken string
	// Spec is the path of Twilio's twilio_api_v2010.json. Where the file is not
	// there, requests are checked by hand only, and the test's log says so.
	Spec string
	// Callbacks makes the server tell StatusCallback of each message that it is
	// sent and delivered. Reach gives the address at which the public one is
	// reached in the test; nil: as it is.
	Callbacks bool
	Reach     func(public string) string
}

// Fault is how the server misbehaves on one request.
type Fault struct {
	Delay  time.Duration // before anything
	Lose   bool          // the request never arrives: the connection ends
	Status int           // refuse with this status
	Code   int           // and this code of Twilio's
	After  string        // and this Retry-After
	Body   string        // answer with this instead of JSON, the message taken all the same
	Mute   bool          // take the message and end the connection without an answer
}

// Message is one that the server took.
type Message struct {
	SID            string
	To             string
	From           string
	Service        string // MessagingServiceSid
	Body           string
	StatusCallback string
	ValidityPeriod string
	Header         http.Header
	At             time.Time
}

// Server is a Twilio. Safe for concurrent use.
type Server struct {
	URL     string
	options Options
	http    *httptest.Server
	router  routers.Router
	form    map[string]bool // parameters that a message may have

	mu         sync.Mutex
	messages   []Message
	requests   int
	violations []string
	fault      func(n int, r *http.Request) Fault
	taken      func(Message)
	calls      sync.WaitGroup
}

// New starts a server that ends with the test. A request that Twilio's document
// forbids fails the test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	o.AccountSID, o.AuthToken = cmp.Or(o.AccountSID, AccountSID), cmp.Or(o.AuthToken, AuthToken)
	s := &Server{options: o}
	if o.Spec != "" {
		switch err := s.load(o.Spec); {
		case errors.Is(err, os.ErrNotExist):
			t.Logf("NOT CHECKED against Twilio's OpenAPI document: %v", err)
		case err != nil:
			t.Fatal(err)
		}
	}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.http.URL
	t.Cleanup(func() {
		s.http.CloseClientConnections()
		s.http.Close()
		s.calls.Wait()
		for _, v := range s.Violations() {
			t.Errorf("a request to Twilio: %s", v)
		}
	})
	return s
}

// Config is what a house is set up by to use this server.
func (s *Server) Config() twilio.Config {
	return twilio.Config{AccountSID: s.options.AccountSID, AuthToken: s.options.AuthToken, From: "+15005550006", BaseURL: s.URL}
}

// messagesPath is the only one that the house uses.
const messagesPath = "/2010-04-01/Accounts/{AccountSid}/Messages.json"

// load reads the document, cut down to what is used: all of it takes seconds.
func (s *Server) load(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var doc map[string]json.RawMessage
	var paths map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(raw, &doc), json.Unmarshal(doc["paths"], &paths)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	doc["paths"], err = json.Marshal(map[string]json.RawMessage{messagesPath: paths[messagesPath]})
	if err == nil {
		raw, err = json.Marshal(doc)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	spec, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	item := spec.Paths.Find(messagesPath)
	// The server's own address, not Twilio's.
	spec.Servers, item.Servers = nil, nil
	s.form = map[string]bool{}
	for name := range item.Post.RequestBody.Value.Content["application/x-www-form-urlencoded"].Schema.Value.Properties {
		s.form[name] = true
	}
	s.router, err = legacy.NewRouter(spec, openapi3.DisableExamplesValidation()) // Twilio gives a date as the example of a time
	return err
}

// Messages are those that the server took, oldest first.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Requests is how many requests to send a message have come, taken or not.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// Violations are the requests so far that Twilio's document forbids.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}

// Misbehave sets how the server treats each request to send, numbered from 0.
func (s *Server) Misbehave(fault func(n int, r *http.Request) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// OnTaken sets what is called with each message once it is taken, before the
// answer.
func (s *Server) OnTaken(fn func(Message)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = fn
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	if r.URL.Path != strings.Replace(messagesPath, "{AccountSid}", s.options.AccountSID, 1) {
		refuse(w, http.StatusNotFound, 20404, "The requested resource "+r.URL.Path+" was not found")
		return
	}
	if user, password, _ := r.BasicAuth(); user != s.options.AccountSID || password != s.options.AuthToken {
		refuse(w, http.StatusUnauthorized, 20003, "Authenticate")
		return
	}
	if err := s.check(r, body); err != nil {
		s.mu.Lock()
		s.violations = append(s.violations, err.Error())
		s.mu.Unlock()
		refuse(w, http.StatusBadRequest, 20001, err.Error())
		return
	}
	switch r.Method {
	case http.MethodPost:
		s.create(w, r, body)
	case http.MethodGet:
		s.list(w, r)
	default:
		refuse(w, http.StatusMethodNotAllowed, 20004, "Method not allowed")
	}
}

// check holds a request against the document.
func (s *Server) check(r *http.Request, body []byte) error {
	if s.router == nil {
		return nil
	}
	route, params, err := s.router.FindRoute(r)
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.Method, r.URL.Path, err)
	}
	err = openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.Method, r.URL.Path, err)
	}
	if r.Method != http.MethodPost {
		return nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return fmt.Errorf("form: %w", err)
	}
	for name := range form { // Twilio's schemas do not forbid others, and it ignores them
		if !s.form[name] {
			return fmt.Errorf("form: %s is no parameter of a message", name)
		}
	}
	return nil
}

func (s *Server) create(w http.ResponseWriter, r *http.Request, body []byte) {
	s.mu.Lock()
	n, fault := s.requests, s.fault
	s.requests++
	s.mu.Unlock()
	var f Fault
	if fault != nil {
		f = fault(n, r)
	}
	if f.Delay > 0 {
		time.Sleep(f.Delay)
	}
	switch {
	case f.Lose:
		hangUp(w)
		return
	case f.Status > 0:
		if f.After != "" {
			w.Header().Set("Retry-After", f.After)
		}
		refuse(w, f.Status, f.Code, http.StatusText(f.Status))
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		refuse(w, http.StatusBadRequest, 20001, err.Error())
		return
	}
	for _, missing := range []struct {
		is   bool
		code int
		text string
	}{
		{form.Get("To") == "", 21604, "A 'To' phone number is required."},
		{!strings.HasPrefix(form.Get("To"), "+") || len(form.Get("To")) < 8, 21211, "The 'To' number " + form.Get("To") + " is not a valid phone number."},
		{form.Get("From") == "" && form.Get("MessagingServiceSid") == "", 21603, "A 'From' phone number is required."},
		{form.Get("Body") == "", 21602, "Message body is required."},
	} {
		if missing.is {
			refuse(w, http.StatusBadRequest, missing.code, missing.text)
			return
		}
	}
	s.mu.Lock()
	m := Message{
		SID: fmt.Sprintf("SM%032x", len(s.messages)+1), To: form.Get("To"), From: form.Get("From"), Service: form.Get("MessagingServiceSid"),
		Body: form.Get("Body"), StatusCallback: form.Get("StatusCallback"), ValidityPeriod: form.Get("ValidityPeriod"),
		Header: maps.Clone(r.Header), At: time.Now().UTC(),
	}
	s.messages = append(s.messages, m)
	taken := s.taken
	s.mu.Unlock()
	if taken != nil {
		taken(m)
	}
	if s.options.Callbacks && m.StatusCallback != "" {
		s.calls.Go(func() { s.tellAll(m) })
	}
	switch {
	case f.Mute:
		hangUp(w)
	case f.Body != "":
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, f.Body)
	default:
		answer(w, http.StatusCreated, s.resource(m))
	}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	found := []map[string]any{}
	messages := s.Messages()
	slices.Reverse(messages) // newest first, as Twilio does
	for _, m := range messages {
		if to := r.URL.Query().Get("To"); to == "" || to == m.To {
			found = append(found, s.resource(m))
		}
	}
	answer(w, http.StatusOK, map[string]any{
		"messages": found, "page": 0, "page_size": 1000, "start": 0, "end": len(found), "uri": r.URL.RequestURI(),
		"first_page_uri": r.URL.RequestURI(), "next_page_uri": nil, "previous_page_uri": nil,
	})
}

// resource is a message as Twilio's API shows it.
func (s *Server) resource(m Message) map[string]any {
	return map[string]any{
		"sid": m.SID, "account_sid": s.options.AccountSID, "api_version": "2010-04-01", "status": "queued", "direction": "outbound-api",
		"to": m.To, "from": m.From, "body": m.Body, "messaging_service_sid": null(m.Service), "num_segments": "1", "num_media": "0",
		"price": nil, "price_unit": "USD", "error_code": nil, "error_message": nil,
		"date_created": m.At.Format(time.RFC1123Z), "date_updated": m.At.Format(time.RFC1123Z), "date_sent": nil,
		"uri": "/2010-04-01/Accounts/" + s.options.AccountSID + "/Messages/" + m.SID + ".json",
	}
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// tellAll tells what becomes of a message that goes well.
func (s *Server) tellAll(m Message) {
	for _, state := range []string{"sent", "delivered"} {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		res, err := s.Tell(ctx, m, state, "") //nolint:bodyclose // Tell has read and closed it
		cancel()
		if err == nil && res.StatusCode >= 300 {
			err = fmt.Errorf("answer %s", res.Status)
		}
		if err != nil {
			s.mu.Lock()
			s.violations = append(s.violations, fmt.Sprintf("status callback %s: %v", state, err))
			s.mu.Unlock()
			return
		}
	}
}

// Tell tells a message's StatusCallback what became of it, signed.
func (s *Server) Tell(ctx context.Context, m Message, state, errorCode string) (*http.Response, error) {
	form := url.Values{
		"AccountSid": {s.options.AccountSID}, "ApiVersion": {"2010-04-01"}, "From": {m.From}, "To": {m.To},
		"MessageSid": {m.SID}, "SmsSid": {m.SID}, "MessageStatus": {state}, "SmsStatus": {state},
	}
	if errorCode != "" {
		form.Set("ErrorCode", errorCode)
	}
	return s.Post(ctx, m.StatusCallback, form)
}

// Inbound posts a shopper's message to a public address, signed.
func (s *Server) Inbound(ctx context.Context, public, from, body, optOutType string) (*http.Response, error) {
	form := url.Values{
		"AccountSid": {s.options.AccountSID}, "ApiVersion": {"2010-04-01"}, "From": {from}, "To": {"+15005550006"}, "Body": {body},
		"MessageSid": {fmt.Sprintf("SM%032x", time.Now().UnixNano())}, "NumMedia": {"0"}, "NumSegments": {"1"},
	}
	if optOutType != "" {
		form.Set("OptOutType", optOutType)
	}
	return s.Post(ctx, public, form)
}

// Post posts a form to a public address as Twilio does, signed. The body of the
// answer is read into memory.
func (s *Server) Post(ctx context.Context, public string, form url.Values) (*http.Response, error) {
	reached := public
	if s.options.Reach != nil {
		reached = s.options.Reach(public)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, reached, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set(twilio.SignatureHeader, twilio.Signature(s.options.AuthToken, public, form))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	read, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	res.Body = io.NopCloser(strings.NewReader(string(read)))
	return res, err
}

func hangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		conn.Close()
	}
}

func refuse(w http.ResponseWriter, status, code int, text string) {
	answer(w, status, map[string]any{
		"code": code, "message": text, "status": status, "more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code),
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The client may have gone; that is its concern.
	_ = json.NewEncoder(w).Encode(body)
}
