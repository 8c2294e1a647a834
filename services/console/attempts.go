package console

import (
	"sync"
	"time"
)

// attempts slows down who guesses passwords: a few wrong ones a minute for one
// address, more for one network address, which many people may share.
type attempts struct {
	mu     sync.Mutex // guards recent
	recent map[string][]time.Time
}

const (
	attemptsPerAddress = 5
	attemptsPerIP      = 30
	joinsPerIP         = 60 // the shop's own network is one
	ticketsPerIP       = 30
	codesPerIP         = 20
	codesInAll         = 300 // what a minute of somebody else's fun may cost
	attemptsWithin     = time.Minute
	attemptsKept       = 10_000
)

func newAttempts() *attempts { return &attempts{recent: map[string][]time.Time{}} }

// begin counts an attempt to sign in, and tells whether it may go on.
func (a *attempts) begin(email, ip string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count("ip/"+ip, attemptsPerIP, now) && a.count("email/"+email, attemptsPerAddress, now)
}

// succeeded takes back what begin counted: only wrong passwords count.
func (a *attempts) succeeded(email, ip string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.recent, "email/"+email)
	if times := a.recent["ip/"+ip]; len(times) > 0 {
		a.recent["ip/"+ip] = times[:len(times)-1]
	}
}

// join counts a new shopper, and tells whether they may join.
func (a *attempts) join(ip string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count("join/"+ip, joinsPerIP, now)
}

// ticket counts the use of a link, right or wrong.
func (a *attempts) ticket(ip string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count("ticket/"+ip, ticketsPerIP, now)
}

// code counts a code that is asked for, or tried, by whoever.
func (a *attempts) code(what, ip string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count(what+"/"+ip, codesPerIP, now) && a.count(what, codesInAll, now)
}

// count counts one more under a key, unless there are too many. The caller
// holds the lock.
func (a *attempts) count(key string, most int, now time.Time) bool {
	if len(a.recent) > attemptsKept {
		for key, times := range a.recent {
			if len(times) == 0 || now.Sub(times[len(times)-1]) > attemptsWithin {
				delete(a.recent, key)
			}
		}
	}
	times := a.recent[key]
	for len(times) > 0 && now.Sub(times[0]) > attemptsWithin {
		times = times[1:]
	}
	if len(times) >= most {
		return false
	}
	a.recent[key] = append(times, now)
	return true
}
