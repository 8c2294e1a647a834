package snowplow

import (
	"bytes"
	"net/url"
	"slices"

	"aisle/services/formats"
)

// ofNetwork are the fields that say who somebody is on the network, by the
// tracker's names and the pipeline's.
var ofNetwork = []string{"ip", "nuid", "tnuid", "user_ipaddress", "network_userid"}

// forget leaves out of a request who somebody is on the network. What cannot be
// read stays as it is.
func forget(r *formats.Request) {
	delete(r.Header, HeaderNetworkUser)
	delete(r.Header, HeaderFirstTime)
	if r.Query != "" {
		if values, err := url.ParseQuery(r.Query); err == nil && names(values) {
			for _, name := range ofNetwork {
				values.Del(name)
			}
			r.Query = values.Encode()
		}
	}
	if !bytes.Contains(r.Body, []byte(`"ip"`)) && !bytes.Contains(r.Body, []byte("nuid")) {
		return
	}
	body, bad := formats.Valid(r.Body)
	if bad != nil {
		return
	}
	if r.Item {
		r.Body = nameless(body)
		return
	}
	var in map[string]formats.Raw
	var data []formats.Raw
	if formats.Unmarshal(body, &in) != nil || formats.Unmarshal(in["data"], &data) != nil {
		return
	}
	for i, one := range data {
		data[i] = nameless(one)
	}
	var err error
	if in["data"], err = formats.Marshal(data); err != nil {
		return
	}
	if anew, err := formats.Marshal(in); err == nil {
		r.Body = anew
	}
}

func names(values url.Values) bool {
	return slices.ContainsFunc(ofNetwork, values.Has)
}

// nameless is an event without the fields of the network.
func nameless(body []byte) []byte {
	var fields map[string]formats.Raw
	if formats.Unmarshal(body, &fields) != nil || fields == nil {
		return body
	}
	for _, name := range ofNetwork {
		delete(fields, name)
	}
	anew, err := formats.Marshal(fields)
	if err != nil {
		return body
	}
	return anew
}
