// Package outside is how the house calls addresses that somebody else wrote
// down: a shopper's browser, a marketer. Whoever can name an address must not
// be able to make the house knock at its own back doors.
//
// Its rules: https only, public hosts only, judged by the address that is
// really dialled, so that no name changes its meaning in between; no redirects,
// no proxies; every call has an end, and of every answer little is read.
package outside

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"aisle/offers"
)

// longest bounds an address.
const longest = 2048

// Check says what is wrong with an address that somebody wrote down. Private
// lets in http and hosts of private networks too: for tests, and for systems
// that stand beside the house.
func Check(address string, private bool) error {
	wrong := func(text string) error { return fmt.Errorf("address: %w: %s", offers.ErrInvalid, text) }
	if len(address) > longest {
		return wrong("it is too long")
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return wrong("it is none")
	case u.User != nil:
		return wrong("it holds a password")
	case private && (u.Scheme == "http" || u.Scheme == "https"):
		return nil
	case u.Scheme != "https":
		return wrong("it begins with https://")
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		if !Public(ip) {
			return wrong("it is not a public one")
		}
		return nil
	}
	name, top, dotted := strings.Cut(host, ".")
	for dotted && strings.Contains(top, ".") {
		_, top, _ = strings.Cut(top, ".")
	}
	if name == "" || !dotted || top == "localhost" || top == "local" || top == "internal" || strings.Trim(top, "0123456789") == "" {
		return wrong("it is not a public one")
	}
	return nil
}

// reserved are networks that are nobody's on the public internet, or lead into
// another one (IANA's special-purpose registries, RFC 6890).
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("3fff::/20"),
}

var globalUnicast6 = netip.MustParsePrefix("2000::/3")

// Public tells whether an address is one of the public internet.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Is6() && !globalUnicast6.Contains(ip) {
		return false
	}
	for _, network := range reserved {
		if network.Contains(ip) {
			return false
		}
	}
	return true
}

// Client calls public hosts, or with private any.
func Client(timeout time.Duration, private bool) *http.Client {
	dialer := &net.Dialer{Timeout: timeout}
	if !private {
		dialer.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !Public(to.Addr()) {
				return fmt.Errorf("%s: %w: it is not a public address", address, offers.ErrDenied)
			}
			return nil
		}
	}
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout,
			ForceAttemptHTTP2: true, MaxIdleConns: 128, MaxIdleConnsPerHost: 32, IdleConnTimeout: 90 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// readMost bounds what is read of an answer.
const readMost = 4 << 10

// Finish reads the beginning of an answer, so that its connection can be used
// again, and closes it.
func Finish(r *http.Response) string {
	body, err := io.ReadAll(io.LimitReader(r.Body, readMost))
	r.Body.Close()
	if err != nil {
		return ""
	}
	return string(body)
}

// longestWait bounds what a host may ask for.
const longestWait = time.Hour

// RetryAfter is how long a host wants to be left alone, 0 if it does not say
// (RFC 9110, section 10.2.3: seconds, or a date).
func RetryAfter(h http.Header, now time.Time) time.Duration {
	said := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(said, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longestWait)
	}
	if at, err := http.ParseTime(said); err == nil {
		return min(max(at.Sub(now), 0), longestWait)
	}
	return 0
}
