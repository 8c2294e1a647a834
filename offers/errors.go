package offers

import "errors"

// The five kinds of error. Wrap with the kind first, then the cause:
//
//	fmt.Errorf("campaign %q: rule: %w: %w", id, offers.ErrInvalid, err)
//
// The kind decides, in one place each, the HTTP status at the doors and retry
// or quarantine in the consumers.
var (
	// ErrInvalid is input that can never be right: it is refused or quarantined.
	ErrInvalid = errors.New("invalid")
	// ErrNotFound is something asked for that is not there.
	ErrNotFound = errors.New("not found")
	// ErrConflict is something that is there already, or in another state.
	ErrConflict = errors.New("conflict")
	// ErrDenied is something the asker may not have or do.
	ErrDenied = errors.New("denied")
	// ErrUnavailable is a part that does not answer now: it is tried again.
	ErrUnavailable = errors.New("unavailable")
)
