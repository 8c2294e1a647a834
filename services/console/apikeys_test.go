package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"aisle/services/catalog"
)

type madeKey struct {
	Made catalog.APIKey
	Key  string
}

// program is one that has a key with a scope, and no cookie and no header of ours.
func (h *house) program(admin *visitor, scope catalog.Scope) *visitor {
	h.t.Helper()
	var made madeKey
	admin.call("POST", "/api/keys", map[string]any{"name": "a program that may " + string(scope), "scopes": []catalog.Scope{scope}}, 201, &made)
	v := h.visitor()
	v.header = http.Header{"Authorization": {"Bearer " + made.Key}}
	return v
}

func TestAPIKeys(t *testing.T) {
	h := open(t)
	admin := h.admin()
	for name, test := range map[string]struct{ in, fields string }{
		"nothing":          {`{}`, "name scopes"},
		"no such scope":    {`{"name":"x","scopes":["read","everything"]}`, "scopes[1]"},
		"over before made": {`{"name":"x","scopes":["read"],"expires":"2020-01-01T00:00:00Z"}`, "expires"},
	} {
		status, body := admin.try("POST", "/api/keys", test.in)
		if status != 400 || fields(t, body) != test.fields {
			t.Errorf("%s: %d %s, want 400 about %s", name, status, body, test.fields)
		}
	}

	reader := h.program(admin, catalog.ScopeRead)
	reader.call("GET", "/api/campaigns", nil, 200, nil)
	var all struct{ Keys []catalog.APIKey }
	_, body := admin.try("GET", "/api/keys", nil)
	admin.call("GET", "/api/keys", nil, 200, &all)
	key := strings.TrimPrefix(reader.header.Get("Authorization"), "Bearer ")
	if len(all.Keys) != 1 || all.Keys[0].Used.IsZero() || !strings.HasSuffix(key, all.Keys[0].Hint) || strings.Contains(string(body), key) {
		t.Errorf("keys: %s, want one that was used, and only its last letters", body)
	}

	// What a program did is in the audit under its key's name.
	manager := h.program(admin, catalog.ScopeManage)
	manager.call("POST", "/api/sources", map[string]string{"name": "Till 4", "kind": "till"}, 201, nil)
	acts, err := h.catalog.Acts(t.Context(), catalog.ActsWanted{Limit: 1})
	if err != nil || len(acts) != 1 || acts[0].By != "key a program that may manage" || acts[0].Object != "source/Till 4" {
		t.Errorf("audit: %+v %v, want the program's source", acts, err)
	}

	admin.call("DELETE", "/api/keys/"+all.Keys[0].ID, nil, 204, nil)
	admin.call("DELETE", "/api/keys/"+all.Keys[0].ID, nil, 404, nil)
	reader.call("GET", "/api/campaigns", nil, 401, nil)

	expired, token, err := h.catalog.AddAPIKey(t.Context(), catalog.APIKey{Name: "old", Scopes: []catalog.Scope{catalog.ScopeRead}, Expires: time.Now().Add(-time.Second)}, catalog.By{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	reader.header.Set("Authorization", "Bearer "+token)
	reader.call("GET", "/api/campaigns", nil, 401, nil)
	if expired.Opens(catalog.ScopeRead, time.Now()) {
		t.Error("an expired key opens")
	}
	reader.header.Set("Authorization", "Bearer "+catalog.APIKeyPrefix+"guessed")
	reader.call("GET", "/api/campaigns", nil, 401, nil)
}
