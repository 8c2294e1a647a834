package push

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/notifier/channel"
)

func decode(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The example of RFC 8291, section 5.
func TestEncryptsAsTheStandardDoes(t *testing.T) {
	ours, err := ecdh.P256().NewPrivateKey(decode(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	browser, err := ecdh.P256().NewPublicKey(decode(t, "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := encrypt([]byte("When I grow up, I want to be a watermelon"), 0, browser,
		decode(t, "BTBZMqHH6r4Tts7J_aSIgg"), ours, decode(t, "DGv6ra1nlYgDCS1FRnbzlw"))
	if err != nil {
		t.Fatal(err)
	}
	want := "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_" +
		"yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if diff := cmp.Diff(want, encode(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLengthsTellLittle(t *testing.T) {
	for _, tt := range []struct{ length, want int }{{0, 0}, {1, padStep}, {padStep, padStep}, {padStep + 1, 2 * padStep}, {longest - 1, longest}, {longest, longest}} {
		if got := tt.length + padding(tt.length); got != tt.want {
			t.Errorf("%d bytes become %d, want %d", tt.length, got, tt.want)
		}
	}
}

// browser is one that subscribed, with its private half.
type browser struct {
	key  *ecdh.PrivateKey
	auth []byte
}

func newBrowser(t testing.TB) browser {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	auth := make([]byte, 16)
	rand.Read(auth)
	return browser{key, auth}
}

// open reads what was sealed for the browser, as RFC 8188 tells receivers.
func (b browser) open(t testing.TB, body []byte) []byte {
	t.Helper()
	if len(body) < headerSize || binary.BigEndian.Uint32(body[16:]) != recordSize || body[20] != pointSize {
		t.Fatalf("no header of one record: %x", body)
	}
	theirs, err := ecdh.P256().NewPublicKey(body[21:headerSize])
	if err != nil {
		t.Fatal(err)
	}
	shared, err := b.key.ECDH(theirs)
	if err != nil {
		t.Fatal(err)
	}
	derive := func(secret, salt []byte, info string, n int) []byte {
		key, err := hkdf.Key(sha256.New, secret, salt, info, n)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	secret := derive(shared, b.auth, "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(body[21:headerSize]), 32)
	block, err := aes.NewCipher(derive(secret, body[:16], "Content-Encoding: aes128gcm\x00", 16))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gcm.Open(nil, derive(secret, body[:16], "Content-Encoding: nonce\x00", 12), body[headerSize:], nil)
	if err != nil {
		t.Fatal(err)
	}
	message, ok := bytes.CutSuffix(bytes.TrimRight(plain, "\x00"), []byte{2})
	if !ok {
		t.Fatalf("the record does not end: %x", plain)
	}
	return message
}

// service is a push service: it answers for each endpoint what it is told to,
// and keeps what it got.
type service struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]func(http.ResponseWriter)
	got     map[string][]*http.Request
	bodies  map[string][][]byte
}

func newService(t testing.TB) *service {
	s := &service{answers: map[string]func(http.ResponseWriter){}, got: map[string][]*http.Request{}, bodies: map[string][][]byte{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.got[r.URL.Path] = append(s.got[r.URL.Path], r)
		s.bodies[r.URL.Path] = append(s.bodies[r.URL.Path], body)
		if answer := s.answers[r.URL.Path]; answer != nil && err == nil {
			answer(w)
			return
		}
		w.Header().Set("Location", "/message"+r.URL.Path)
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(s.Close)
	return s
}

func answer(status int, retryAfter string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		http.Error(w, "no", status)
	}
}

func newChannel(t testing.TB, c Config) (*Channel, *catalog.Catalog) {
	t.Helper()
	cat, err := catalog.Open(t.Context(), catalog.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cat.Close() })
	secrets, err := cat.Secrets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key, err := secrets.PushKey()
	if err != nil {
		t.Fatal(err)
	}
	ch, err := New(c, cat, key, "https://shop.example/")
	if err != nil {
		t.Fatal(err)
	}
	return ch, cat
}

func subscribe(t testing.TB, cat *catalog.Catalog, who offers.ShopperID, endpoint string, b browser) {
	t.Helper()
	err := cat.Subscribe(t.Context(), catalog.PushSubscription{Endpoint: endpoint, Shopper: who, P256dh: b.key.PublicKey().Bytes(), Auth: b.auth, Created: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
}

func message() channel.Message {
	now := time.Now()
	return channel.Message{
		Delivery: "3-17-0-push", Shopper: "mia", Title: "20% off running shoes", Text: "Two aisles on.", Language: "en",
		Entry: offers.Inbox{Decision: "3-17-0", At: now, Expires: now.Add(10 * time.Minute), Offer: offers.Offer{Title: "Shoes"}},
	}
}

func TestNotifiesEveryBrowser(t *testing.T) {
	ch, cat := newChannel(t, Config{Private: true})
	s := newService(t)
	phone, tablet := newBrowser(t), newBrowser(t)
	subscribe(t, cat, "mia", s.URL+"/phone", phone)
	subscribe(t, cat, "mia-before", s.URL+"/tablet", tablet)
	subscribe(t, cat, "ben", s.URL+"/other", newBrowser(t))
	m := message()
	m.Before = []offers.ShopperID{"mia-before"}
	id, err := ch.Send(t.Context(), m)
	if err != nil || id != "/message/phone" {
		t.Fatalf("%q, %v", id, err)
	}
	if len(s.got["/phone"]) != 1 || len(s.got["/tablet"]) != 1 || len(s.got["/other"]) != 0 {
		t.Fatalf("got %v", s.got)
	}
	if bytes.Equal(s.bodies["/phone"][0], s.bodies["/tablet"][0]) {
		t.Error("two browsers got the same bytes")
	}
	var got note
	if err := json.Unmarshal(phone.open(t, s.bodies["/phone"][0]), &got); err != nil {
		t.Fatal(err)
	}
	want := note{8030, notification{
		Title: "20% off running shoes", Body: "Two aisles on.", Tag: "3-17-0", Lang: "en",
		Navigate: "https://shop.example/shopper/#/offers/3-17-0", Timestamp: m.Entry.At.UnixMilli(),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	tablet.open(t, s.bodies["/tablet"][0])

	r := s.got["/phone"][0]
	if ttl, err := strconv.Atoi(r.Header.Get("TTL")); err != nil || ttl < 500 || ttl > 600 {
		t.Errorf("TTL %q, want what is left of ten minutes", r.Header.Get("TTL"))
	}
	if got := r.Header.Get("Urgency"); got != "high" {
		t.Errorf("urgency %q", got)
	}
	if topic := r.Header.Get("Topic"); len(topic) != 32 || strings.Trim(topic, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Errorf("topic %q", topic)
	}
	vouched(t, r.Header.Get("Authorization"), s.URL)

	// The same again replaces itself.
	if _, found, err := ch.Find(t.Context(), m); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
	if _, err := ch.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if again := s.got["/phone"][1]; again.Header.Get("Topic") != r.Header.Get("Topic") || again.Header.Get("Authorization") != r.Header.Get("Authorization") {
		t.Error("the same offer has another topic, or was signed anew")
	}
}

// vouched reads a header as a push service does (RFC 8292).
func vouched(t *testing.T, header, origin string) {
	t.Helper()
	rest, ok := strings.CutPrefix(header, "vapid t=")
	jwt, key, ok2 := strings.Cut(rest, ", k=")
	part := strings.Split(jwt, ".")
	if !ok || !ok2 || len(part) != 3 {
		t.Fatalf("authorization %q", header)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), decode(t, key))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(part[0] + "." + part[1]))
	signature := decode(t, part[2])
	if len(signature) != 64 || !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Error("the signature is not that of the key")
	}
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if err := json.Unmarshal(decode(t, part[1]), &claims); err != nil {
		t.Fatal(err)
	}
	if left := time.Until(time.Unix(claims.Exp, 0)); claims.Aud != origin || claims.Sub != "https://shop.example" || left <= 0 || left > 24*time.Hour {
		t.Errorf("claims %+v", claims)
	}
}

func TestAnswersOfPushServices(t *testing.T) {
	tests := map[string]struct {
		answer func(http.ResponseWriter)
		want   error
		wait   time.Duration
		stays  bool // the subscription
	}{
		"gone":                   {answer(http.StatusGone, ""), channel.ErrNoAddress, 0, false},
		"not found":              {answer(http.StatusNotFound, ""), channel.ErrNoAddress, 0, false},
		"too many":               {answer(http.StatusTooManyRequests, "120"), offers.ErrUnavailable, 2 * time.Minute, true},
		"too many, for how long": {answer(http.StatusTooManyRequests, ""), offers.ErrUnavailable, 0, true},
		"down":                   {answer(http.StatusBadGateway, "1"), offers.ErrUnavailable, time.Second, true},
		"not believed":           {answer(http.StatusForbidden, ""), offers.ErrUnavailable, 0, true},
		"too long":               {answer(http.StatusRequestEntityTooLarge, ""), offers.ErrInvalid, 0, true},
		"elsewhere": {func(w http.ResponseWriter) {
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(http.StatusFound)
		}, offers.ErrInvalid, 0, true},
		"hung up": {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, channel.ErrUnknown, 0, true},
	}
	ch, cat := newChannel(t, Config{Private: true})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			s.answers["/phone"] = tt.answer
			m := message()
			m.Shopper = offers.ShopperID(name)
			subscribe(t, cat, m.Shopper, s.URL+"/phone", newBrowser(t))
			_, err := ch.Send(t.Context(), m)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			wait := time.Duration(0)
			if w, ok := errors.AsType[*channel.WaitError](err); ok {
				wait = w.For
			}
			if wait != tt.wait {
				t.Errorf("wait %v, want %v", wait, tt.wait)
			}
			left, err := cat.Subscriptions(t.Context(), m.Shopper)
			if err != nil || (len(left) == 1) != tt.stays {
				t.Errorf("left %v, %v", left, err)
			}
		})
	}
}

func TestOneOfTwoBrowsersIsEnough(t *testing.T) {
	ch, cat := newChannel(t, Config{Private: true})
	s := newService(t)
	s.answers["/old"] = answer(http.StatusGone, "")
	s.answers["/slow"] = answer(http.StatusServiceUnavailable, "")
	for _, path := range []string{"/old", "/slow", "/new"} {
		subscribe(t, cat, "mia", s.URL+path, newBrowser(t))
	}
	if id, err := ch.Send(t.Context(), message()); err != nil || id != "/message/new" {
		t.Fatalf("%q, %v", id, err)
	}
	left, err := cat.Subscriptions(t.Context(), "mia")
	if err != nil || len(left) != 2 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestNobodySubscribed(t *testing.T) {
	ch, _ := newChannel(t, Config{})
	if _, err := ch.Send(t.Context(), message()); !errors.Is(err, channel.ErrNoAddress) {
		t.Errorf("error %v", err)
	}
}

// An endpoint is what a browser says: it leads to no back door of the house.
func TestPrivateEndpointsAreNotCalled(t *testing.T) {
	ch, cat := newChannel(t, Config{})
	s := newService(t)
	subscribe(t, cat, "mia", strings.Replace(s.URL, "http:", "https:", 1)+"/phone", newBrowser(t))
	subscribe(t, cat, "mia", s.URL+"/plain", newBrowser(t))
	if _, err := ch.Send(t.Context(), message()); !errors.Is(err, channel.ErrNoAddress) {
		t.Errorf("error %v", err)
	}
	if len(s.got) != 0 {
		t.Errorf("called %v", s.got)
	}
}

func TestLongOffersFit(t *testing.T) {
	ch, _ := newChannel(t, Config{})
	m := message()
	for _, text := range []string{strings.Repeat("a", 10_000), strings.Repeat("“", 5_000), strings.Repeat("\x01", 5_000)} {
		m.Text = text
		body, err := ch.noteOf(&m)
		if err != nil || len(body) > longest {
			t.Fatalf("%d bytes, %v", len(body), err)
		}
		var got note
		if err := json.Unmarshal(body, &got); err != nil || !strings.HasPrefix(text, got.Notification.Body) {
			t.Errorf("%v: not the beginning of it", err)
		}
	}
	m.Title = strings.Repeat("a", 5_000)
	if _, err := ch.noteOf(&m); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("error %v", err)
	}
}

func TestTokensAreBounded(t *testing.T) {
	ch, _ := newChannel(t, Config{})
	now := time.Now()
	for i := range 3 * mostTokens {
		if _, err := ch.voucher.header(&url.URL{Scheme: "https", Host: fmt.Sprint("push", i)}, now); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(ch.voucher.tokens); n > mostTokens {
		t.Errorf("%d tokens", n)
	}
	one := &url.URL{Scheme: "https", Host: "push.example"}
	first, _ := ch.voucher.header(one, now)
	later, _ := ch.voucher.header(one, now.Add(tokenFresh))
	if first == later {
		t.Error("a token is not signed anew before its time is over")
	}
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]Config{"negative": {Timeout: -1}, "no address": {Contact: "ops@example.com"}} {
		if err := c.Validate(); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (Config{Contact: "mailto:ops@example.com"}).Validate(); err != nil {
		t.Error(err)
	}
}
