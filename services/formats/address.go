package formats

import (
	"bytes"
	"strings"

	"aisle/services/formats/weblog"
)

// TruncateIPs is JSON with the network addresses that it names cut to their
// network: "ip":"203.0.113.7" is "ip":"203.0.113.0". An address is a text that
// is nothing else, under a name with ip or addr in it. It is data itself where
// there is none.
func TruncateIPs(data []byte) []byte {
	var out []byte
	kept := 0
	for i := 0; ; {
		open := bytes.IndexByte(data[i:], '"')
		if open < 0 {
			break
		}
		start := i + open + 1
		i = start
		end := start
		for end < len(data) && end-start <= maxAddress && isAddressByte(data[end]) {
			end++
		}
		if end-start < minAddress || end == len(data) || data[end] != '"' || !namesAddress(data[:start-1]) {
			continue
		}
		cut := weblog.TruncateIP(string(data[start:end]))
		if cut == "" {
			continue // a version, a time
		}
		out = append(append(out, data[kept:start]...), cut...)
		kept, i = end, end
	}
	if out == nil {
		return data
	}
	return append(out, data[kept:]...)
}

// How long addresses are: "::1" to one of IPv6 that ends as one of IPv4.
const (
	minAddress = 3
	maxAddress = 45
)

func isAddressByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F' || b == '.' || b == ':'
}

// namesAddress tells whether JSON ends with a key for an address: "ip":
func namesAddress(before []byte) bool {
	before = bytes.TrimRight(before, " \t\r\n")
	if len(before) == 0 || before[len(before)-1] != ':' {
		return false
	}
	before = bytes.TrimRight(before[:len(before)-1], " \t\r\n")
	if len(before) < 2 || before[len(before)-1] != '"' {
		return false
	}
	key := before[max(0, len(before)-40) : len(before)-1]
	key = bytes.ToLower(key[bytes.LastIndexByte(key, '"')+1:])
	return bytes.Contains(key, []byte("ip")) || bytes.Contains(key, []byte("addr"))
}

// TruncateIPsInQuery does the same for the part of an address behind the question
// mark.
func TruncateIPsInQuery(query string) string {
	if !strings.Contains(query, "ip") {
		return query
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		if name, v, ok := strings.Cut(part, "="); ok && strings.Contains(strings.ToLower(name), "ip") {
			if cut := weblog.TruncateIP(strings.ReplaceAll(v, "%3A", ":")); cut != "" {
				parts[i] = name + "=" + strings.ReplaceAll(cut, ":", "%3A")
			}
		}
	}
	return strings.Join(parts, "&")
}
