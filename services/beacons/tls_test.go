package beacons

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"aisle/offers"
	"aisle/services/stream"
)

// certificate writes one for this machine, signed by itself.
func certificate(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	of := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "broker"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, of, of, &key.PublicKey, key)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})
	must(t, os.WriteFile(certFile, cert, 0o600))
	must(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(cert)
	return certFile, keyFile, roots
}

// secret has all that must be written otherwise in an address.
const secret = "p@ss/w:rd %"

// Gateways reach the embedded broker by TLS with a password, and by nothing less.
func TestTLSToTheEmbeddedBroker(t *testing.T) {
	h := newHouse(t)
	c := fast
	c.Username, c.Password = "gateway", secret
	var roots *x509.CertPool
	c.TLSCert, c.TLSKey, roots = certificate(t)
	b, _ := h.open(c)
	connect := func(address, password string, roots *x509.CertPool) (paho.Client, error) {
		client := paho.NewClient(paho.NewClientOptions().AddBroker(address).SetUsername("gateway").SetPassword(password).
			SetTLSConfig(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}).SetConnectTimeout(2 * time.Second))
		token := client.Connect()
		token.WaitTimeout(5 * time.Second)
		if token.Error() == nil && !client.IsConnected() {
			return client, os.ErrDeadlineExceeded
		}
		return client, token.Error()
	}
	for name, wrong := range map[string]struct {
		address, password string
		roots             *x509.CertPool
	}{
		"without TLS":              {"tcp://" + b.Addr(), secret, roots},
		"with another password":    {"ssl://" + b.Addr(), "secret", roots},
		"who does not know its CA": {"ssl://" + b.Addr(), secret, x509.NewCertPool()},
	} {
		if client, err := connect(wrong.address, wrong.password, wrong.roots); err == nil {
			t.Errorf("%s: it connects", name)
			client.Disconnect(0)
		}
	}
	client, err := connect("ssl://"+b.Addr(), secret, roots)
	must(t, err)
	t.Cleanup(func() { client.Disconnect(10) })
	_, until := gather(h, stream.Events, func(e offers.Event) bool { return e.Type == offers.ZoneEntered })
	h.stand(client, "rx-door", anaTag, until(1))
}

// The door reaches somebody else's broker by TLS with a password, if it knows
// who signed its certificate.
func TestTLSToAnExternalBroker(t *testing.T) {
	h := newHouse(t)
	certFile, keyFile, _ := certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	must(t, err)
	broker := mqtt.New(&mqtt.Options{Logger: slog.New(slog.DiscardHandler)})
	must(t, broker.AddHook(new(auth.Hook), &auth.Options{Ledger: &auth.Ledger{Auth: auth.AuthRules{{Username: "aisle", Password: auth.RString(secret), Allow: true}}}}))
	encrypted, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	must(t, err)
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, broker.AddListener(listeners.NewNet("tls", encrypted)))
	must(t, broker.AddListener(listeners.NewNet("gateways", plain)))
	must(t, broker.Serve())
	t.Cleanup(func() { broker.Close() })
	client := gateway(t, plain.Addr().String(), "aisle", secret)

	c := fast
	c.MQTT = (&url.URL{Scheme: "mqtts", User: url.UserPassword("aisle", secret), Host: encrypted.Addr().String()}).String()
	stranger, stop := h.open(c) // does not know who signed it
	deadline := time.Now().Add(1500 * time.Millisecond)
	h.stand(client, "rx-door", anaTag, func() bool { return time.Now().After(deadline) })
	stop()
	if n := testutil.ToFloat64(stranger.metrics.connected); n != 0 || len(h.news(stream.Events)) > 0 {
		t.Errorf("connected %v to a broker that is not vouched for", n)
	}
	c.TLSCA = certFile
	h.open(c)
	_, until := gather(h, stream.Events, func(e offers.Event) bool { return e.Type == offers.ZoneEntered })
	h.stand(client, "rx-door", anaTag, until(1))
}
