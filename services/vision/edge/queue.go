package edge

import "slices"

// queue holds what waits in memory, the oldest first. Whoever took some out to
// send them lets them go afterwards, by where they stood: others may have gone
// in the meantime. Not safe for concurrent use.
type queue[T any] struct {
	waiting []T
	gone    int // from the front, since the beginning
}

// add puts more at the end, and says how many of the oldest had to go for them.
func (q *queue[T]) add(limit int, more ...T) (dropped int) {
	q.waiting = append(q.waiting, more...)
	return q.drop(len(q.waiting) - limit)
}

// oldest is a copy of the oldest, up to most, and where they stand.
func (q *queue[T]) oldest(most int) (some []T, from int) {
	return slices.Clone(q.waiting[:min(len(q.waiting), most)]), q.gone
}

// done lets those n go that stood there, as far as they are left.
func (q *queue[T]) done(from, n int) { q.drop(n - (q.gone - from)) }

func (q *queue[T]) drop(n int) int {
	if n <= 0 {
		return 0
	}
	q.waiting, q.gone = slices.Delete(q.waiting, 0, n), q.gone+n
	return n
}
