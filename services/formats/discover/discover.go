// Package discover looks at a file that nobody has described and says what is
// in it: which lines belong together, what the columns are called and hold,
// which of them is the time and which tells the shopper. What it proposes a
// marketer mends, names and saves; then it reads the rest of the file by it,
// and what does not fit any more is kept aside and told, never dropped.
//
// Its rules: it proposes and never decides; one method for every log, tuned to
// none; whatever a file holds, a bounded part of it is held in memory.
package discover
