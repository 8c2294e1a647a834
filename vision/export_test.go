package vision

// Nobody is for its test.
var Nobody = nobody
