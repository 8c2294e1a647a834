package twiliotest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"aisle/services/notifier/twilio/twiliotest"
)

const (
	shared   = "../../../../../shared/data"
	messages = "/2010-04-01/Accounts/" + twiliotest.AccountSID + "/Messages.json"
)

// lenient is a test that a violation does not fail.
type lenient struct{ testing.TB }

func (lenient) Errorf(string, ...any) {}

func post(t *testing.T, s *twiliotest.Server, target, password, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(twiliotest.AccountSID, password)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

func TestRefusesWhatTwilioWould(t *testing.T) {
	good := url.Values{"To": {"+34600111222"}, "From": {"+15005550006"}, "Body": {"Hi"}}
	with := func(name, value string) string {
		v := url.Values{name: {value}}
		for k := range good {
			if k != name {
				v.Set(k, good.Get(k))
			}
		}
		return v.Encode()
	}
	tests := []struct {
		name, target, password, body string
		status                       int
		spec                         bool // only Twilio's document knows
	}{
		{"good", messages, twiliotest.AuthToken, good.Encode(), 201, false},
		{"wrong password", messages, "x", good.Encode(), 401, false},
		{"other account", strings.Replace(messages, "AC0", "AC1", 1), twiliotest.AuthToken, good.Encode(), 404, false},
		{"no text", messages, twiliotest.AuthToken, with("Body", ""), 400, false},
		{"no number", messages, twiliotest.AuthToken, with("To", "+1"), 400, false},
		{"validity is no number", messages, twiliotest.AuthToken, with("ValidityPeriod", "soon"), 400, true},
		{"unknown parameter", messages, twiliotest.AuthToken, with("Text", "Hi"), 400, true},
		{"malformed service", messages, twiliotest.AuthToken, with("MessagingServiceSid", "MG1"), 400, true},
	}
	const spec = shared + "/twilio/spec/json/twilio_api_v2010.json"
	_, err := os.Stat(spec)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.spec && err != nil {
				t.Skipf("needs Twilio's document: %v", err)
			}
			s := twiliotest.New(lenient{t}, twiliotest.Options{Spec: spec})
			if got, answer := post(t, s, test.target, test.password, test.body); got != test.status {
				t.Errorf("status %d; want %d: %s", got, test.status, answer)
			}
			if got := len(s.Violations()) > 0; got != test.spec {
				t.Errorf("violations %v; want some: %v", s.Violations(), test.spec)
			}
		})
	}
}

// Requests of Twilio's own helper library are taken.
func TestTakesRecordedRequests(t *testing.T) {
	raw, err := os.ReadFile(shared + "/clients/twilio-node-helper.json")
	if err != nil {
		t.Skipf("no recordings here: %v", err)
	}
	var recorded struct {
		Exchanges []struct {
			Scenario string
			Request  struct {
				Method, Target string
				Text           string `json:"body_text"`
			}
			Reply struct{ Status int }
		}
	}
	if err := json.Unmarshal(raw, &recorded); err != nil {
		t.Fatal(err)
	}
	s := twiliotest.New(t, twiliotest.Options{Spec: shared + "/twilio/spec/json/twilio_api_v2010.json"})
	count := 0
	for _, e := range recorded.Exchanges {
		if e.Request.Method != http.MethodPost || e.Request.Target != messages || e.Reply.Status != 201 ||
			!strings.Contains(e.Request.Text, "Body=") || strings.Contains(e.Request.Text, "To=%2B1&") {
			continue
		}
		count++
		if got, answer := post(t, s, messages, twiliotest.AuthToken, e.Request.Text); got != 201 {
			t.Errorf("%s: status %d: %s", e.Scenario, got, answer)
		}
	}
	if count == 0 {
		t.Error("no recorded request fits")
	}
}
