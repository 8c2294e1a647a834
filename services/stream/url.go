package stream

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"

	"aisle/offers"
)

// target is a Config.URL, read.
type target struct {
	hosts  []string
	prefix string
	codec  protocol.Attributes
	tls    *tls.Config
	sasl   sasl.Mechanism
}

// parseURL reads by hand what net/url takes for a bad port: a list of hosts.
// Its errors never show the password.
func parseURL(s string) (target, error) {
	var t target
	if s == "" {
		return t, nil
	}
	invalid := func(format string, args ...any) (target, error) {
		return target{}, fmt.Errorf("stream url: %w: "+format, append([]any{offers.ErrInvalid}, args...)...)
	}
	rest, ok := strings.CutPrefix(s, "kafka://")
	if !ok {
		return invalid("it must begin with kafka://, as in kafka://host:9092,host2:9092?prefix=shop-")
	}
	hosts, query, _ := strings.Cut(rest, "?")
	if strings.Contains(hosts, "@") {
		return invalid("give user and password as ?user=...&password=...")
	}
	for h := range strings.SplitSeq(strings.TrimSuffix(hosts, "/"), ",") {
		if !strings.Contains(h, ":") {
			h += ":9092"
		}
		host, port, err := net.SplitHostPort(h)
		if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || host == "" {
			return invalid("%q is no host:port", h)
		}
		t.hosts = append(t.hosts, h)
	}
	q, err := url.ParseQuery(query)
	if err != nil {
		return invalid("what follows the ? cannot be read")
	}
	mechanism := "plain"
	for k := range q {
		switch v := q.Get(k); k {
		case "prefix":
			t.prefix = v
		case "tls":
			on, err := strconv.ParseBool(v)
			if err != nil {
				return invalid("tls is true or false, not %q", v)
			}
			if on {
				t.tls = &tls.Config{MinVersion: tls.VersionTLS12}
			}
		case "mechanism":
			mechanism = strings.ToLower(v)
		case "compression":
			codec := kafka.Compression(0)
			if v != "none" {
				if err := codec.UnmarshalText([]byte(v)); err != nil {
					return invalid("compression is none, gzip, snappy, lz4 or zstd, not %q", v)
				}
			}
			t.codec = protocol.Attributes(codec)
		case "user", "password":
		default:
			return invalid("unknown setting %q; there are prefix, tls, user, password, mechanism, compression", k)
		}
	}
	user, password := q.Get("user"), q.Get("password")
	if user == "" {
		return t, nil
	}
	switch mechanism {
	case "plain":
		t.sasl = plain.Mechanism{Username: user, Password: password}
	case "scram-sha-256":
		t.sasl, err = scram.Mechanism(scram.SHA256, user, password)
	case "scram-sha-512":
		t.sasl, err = scram.Mechanism(scram.SHA512, user, password)
	default:
		return invalid("mechanism is plain, scram-sha-256 or scram-sha-512, not %q", mechanism)
	}
	if err != nil {
		return invalid("user and password: %v", err)
	}
	return t, nil
}
