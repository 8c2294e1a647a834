package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strings"

	"aisle/offers"
)

// SignatureHeader is where Twilio signs its requests.
const SignatureHeader = "X-Twilio-Signature"

// Signature signs a request as Twilio does: HMAC-SHA1 with the account's token
// over the address as Twilio called it, then every parameter of the form by
// name, name and value (twilio.com/docs/usage/security). A parameter given more
// than once counts once a different value.
func Signature(token, address string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(address))
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		values := slices.Clone(form[name])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			mac.Write([]byte(name + value))
		}
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Open reads the form of a request that says it comes from Twilio, once its
// signature holds; else ErrDenied. Address is the public one, as Twilio called
// it, whatever a proxy made of it since. A body that is no form is believed only
// by its hash in the signed address, and gives an empty form.
func Open(token, address, contentType string, body []byte, signature string) (url.Values, error) {
	denied := func(why string) error { return fmt.Errorf("twilio: %w: %s", offers.ErrDenied, why) }
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, denied("the address cannot be read")
	case token == "":
		return nil, denied("no auth_token is set to check signatures with")
	case signature == "":
		return nil, denied("the request has no signature")
	}
	form := url.Values{}
	media, _, _ := mime.ParseMediaType(contentType)
	if hash := u.Query().Get("bodySHA256"); hash != "" || media != "application/x-www-form-urlencoded" {
		if sum := sha256.Sum256(body); !hmac.Equal([]byte(strings.ToLower(hash)), []byte(hex.EncodeToString(sum[:]))) {
			return nil, denied("the body is no form, and its hash is not signed")
		}
	} else if form, err = url.ParseQuery(string(body)); err != nil {
		return nil, denied("the form cannot be read")
	}
	for _, spelling := range spellings(u) {
		if hmac.Equal([]byte(signature), []byte(Signature(token, spelling, form))) {
			return form, nil
		}
	}
	return nil, denied("the signature is not Twilio's for " + u.Redacted() + ": is public_url the address that Twilio calls, and auth_token the account's?")
}

// spellings are the address with and without its port: Twilio signs either.
func spellings(u *url.URL) []string {
	without, with := *u, *u
	without.Host = u.Hostname()
	if u.Port() == "" {
		with.Host = u.Host + map[string]string{"https": ":443", "http": ":80"}[u.Scheme]
	}
	return []string{u.String(), without.String(), with.String()}
}

// Status is what Twilio tells became of a message.
type Status struct {
	SID   string
	State string // queued, sending, sent, delivered, undelivered, failed, and what may come
	Code  string // of the error, "" if none
	To    string
}

// StatusOf reads a status callback.
func StatusOf(form url.Values) Status {
	return Status{SID: form.Get("MessageSid"), State: form.Get("MessageStatus"), Code: form.Get("ErrorCode"), To: form.Get("To")}
}

// Inbound is a message from a shopper.
type Inbound struct {
	SID     string
	From    string // E.164
	Body    string
	Handled string // STOP, START or HELP, where Twilio has answered it already
}

// InboundOf reads a message webhook.
func InboundOf(form url.Values) Inbound {
	return Inbound{
		SID: form.Get("MessageSid"), From: form.Get("From"), Body: form.Get("Body"),
		Handled: strings.ToUpper(form.Get("OptOutType")),
	}
}
