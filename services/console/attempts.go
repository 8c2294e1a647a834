package console

import (
	"fmt"
	"math"
	"sync"
	"time"
)

// tooManyError refuses what was tried too often, and says when it may be tried again.
type tooManyError struct{ wait time.Duration }

func (e tooManyError) Error() string {
	n, unit := e.seconds(), "second"
	if n > 90 {
		n, unit = (n+59)/60, "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("too many attempts: try again in %d %s", n, unit)
}

func (e tooManyError) seconds() int { return int(math.Ceil(e.wait.Seconds())) }

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

// begin counts an attempt to sign in, which goes on unless it errs.
func (a *attempts) begin(email, ip string, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.count("ip/"+ip, attemptsPerIP, now); err != nil {
		return err
	}
	return a.count("email/"+email, attemptsPerAddress, now)
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

// join counts a new shopper, who may join unless it errs.
func (a *attempts) join(ip string, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count("join/"+ip, joinsPerIP, now)
}

// ticket counts the use of a link, right or wrong.
func (a *attempts) ticket(ip string, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count("ticket/"+ip, ticketsPerIP, now)
}

// code counts a code that is asked for, or tried, by whoever.
func (a *attempts) code(what, ip string, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.count(what+"/"+ip, codesPerIP, now); err != nil {
		return err
	}
	return a.count(what, codesInAll, now)
}

// count counts one more under a key; where there are too many already it is a
// tooManyError. The caller holds the lock.
func (a *attempts) count(key string, most int, now time.Time) error {
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
		return tooManyError{times[0].Add(attemptsWithin).Sub(now)}
	}
	a.recent[key] = append(times, now)
	return nil
}
