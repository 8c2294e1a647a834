package twilio_test

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"aisle/services/notifier/channel/channeltest"
	"aisle/services/notifier/twilio"
	"aisle/services/notifier/twilio/twiliotest"
)

// Prism makes a server of Twilio's OpenAPI document, and refuses what that forbids
// (npm install @stoplight/prism-cli; AISLE_TEST_PRISM is its program's path).
func TestPrism(t *testing.T) {
	prism, err := exec.LookPath(cmp.Or(os.Getenv("AISLE_TEST_PRISM"), "prism"))
	if err != nil {
		t.Skipf("no Prism here (AISLE_TEST_PRISM): %v", err)
	}
	if _, err := os.Stat(spec); err != nil {
		t.Skipf("no OpenAPI document of Twilio's here: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	cmd := exec.Command(prism, "mock", "--errors", "-h", "127.0.0.1", "-p", fmt.Sprint(port), spec)
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	for range 600 { // it reads a large document
		if res, err := http.Get(base); err == nil {
			res.Body.Close()
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	ch, err := twilio.New(twilio.Config{AccountSID: twiliotest.AccountSID, AuthToken: twiliotest.AuthToken, From: "+15005550006", BaseURL: base, Timeout: 10 * time.Second},
		"https://shop.example.com/v1/twilio/status")
	if err != nil {
		t.Fatal(err)
	}
	m := channeltest.Message("ABCD1234")
	if id, err := ch.Send(t.Context(), m); err != nil || id == "" {
		t.Errorf("sent as %q, %v", id, err)
	}
	// Not Find: the example of a list in Twilio's document is against its own
	// schema, and Prism refuses to answer with it.
}
