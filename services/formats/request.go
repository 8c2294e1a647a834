package formats

// Request is what a client sent, apart from how it came: a door has it from
// HTTP, a replay from quarantine, ingestion from a file.
type Request struct {
	Path   string            // "/v1/batch"
	Query  string            // as it was behind the question mark
	Header map[string]string // by lower-case name, those that say how to read the body
	Body   []byte            // unpacked
	Item   bool              // Body is one of the items of such a request, not all of it
}

// Decoded is what was in a request.
type Decoded struct {
	Messages []Message
	Bad      []*Bad // items that are no messages
	SentAt   Text   // when the client sent it, by its own clock
	Key      string // the write key, where it is in the body
	Trace    string // the traceparent of the only message, where it says so itself
}
