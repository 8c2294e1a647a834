package stream

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"
	"golang.org/x/sync/errgroup"

	"aisle/offers"
)

// Lane handles the records of the partitions that it owns. One goroutine calls
// it, so it needs no lock.
type Lane interface {
	// Assign is called before the first batch, and again whenever ownership
	// has changed, with all partitions that the lane owns from now on: what it
	// knew of others is stale. It returns the offsets to begin at; 0 is the
	// stream's start, wherever that is by now. For a partition that is absent
	// that is where the group's commit says, else the stream's start; and then
	// each commit is made at once, else lazily, for the lag only.
	Assign(ctx context.Context, owned []Partition) (map[Partition]int64, error)

	// Handle takes a batch, in offset order for each partition; nil means that
	// it is done. ErrUnavailable: the same batch again after a pause.
	// ErrFenced: the lane gives up its partitions, and the group is joined
	// anew. Any other error ends Consume. ctx ends some seconds after the
	// partitions were taken away, so that a batch under way can be finished.
	Handle(ctx context.Context, batch []Record) error
}

// Idler is a Lane that has something to do also where nothing comes.
type Idler interface {
	Lane
	// Idle is called between batches, some times a second, with those of its
	// partitions that the lane has handled to their ends. Its errors are as
	// those of Handle.
	Idle(ctx context.Context, partitions []Partition) error
}

// Consumer says who reads what, and how.
type Consumer struct {
	Group    string
	Streams  []string
	Lanes    int // default: DefaultLanes
	MaxBatch int // records of a batch at most; default 1000
	NewLane  func() Lane
}

// DefaultLanes is how many lanes a consumer has that does not say: two for each
// CPU, as a lane waits for others half of its time.
func DefaultLanes() int { return 2 * runtime.GOMAXPROCS(0) }

// How a group finds out that a member has gone, and how long members may take
// to let go: a batch under way has grace to end, which the broker must allow.
const (
	heartbeat        = 300 * time.Millisecond
	joinBackoff      = 200 * time.Millisecond
	sessionTimeout   = 6 * time.Second // Kafka allows no less by default
	rebalanceTimeout = 8 * time.Second
	grace            = 4 * time.Second
	lazyCommit       = time.Second
	idlePeriod       = 250 * time.Millisecond
	maxHandleBytes   = 8 << 20
)

// Consume joins the group and hands its share of the partitions to lanes: the
// same partition number of all Streams to the same lane. It blocks until ctx
// ends, and then returns nil once all lanes have stopped.
func (l *Log) Consume(ctx context.Context, c Consumer) error {
	if c.Group == "" || len(c.Streams) == 0 || c.NewLane == nil {
		return fmt.Errorf("consume: %w: a consumer has a group, streams and lanes", offers.ErrInvalid)
	}
	for _, s := range c.Streams {
		if _, err := l.count(s); err != nil {
			return fmt.Errorf("consume: %w", err)
		}
	}
	if c.Lanes <= 0 {
		c.Lanes = DefaultLanes()
	}
	if c.MaxBatch <= 0 {
		c.MaxBatch = 1000
	}
	m := &member{log: l, consumer: c, ctx: ctx, done: map[string]prometheus.Counter{}}
	for range c.Lanes {
		m.lanes = append(m.lanes, c.NewLane())
	}
	var topics []string
	for _, s := range c.Streams {
		topics = append(topics, l.prefix+s)
		m.done[s] = l.metrics.consumed.WithLabelValues(c.Group, s)
	}
	var conns connections
	dialer := l.dialer
	dialer.DialFunc = conns.dial
	group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: l.prefix + c.Group, Brokers: l.brokers, Topics: topics, Dialer: &dialer,
		GroupBalancers:    []kafka.GroupBalancer{copartition{}},
		HeartbeatInterval: heartbeat, JoinGroupBackoff: joinBackoff,
		SessionTimeout: sessionTimeout, RebalanceTimeout: rebalanceTimeout,
	})
	if err != nil {
		return fmt.Errorf("consume: %w: %w", offers.ErrInvalid, err)
	}
	defer func() {
		// Close waits for a join that is under way, as long as others take.
		impatient := time.AfterFunc(time.Second, conns.drop)
		group.Close()
		impatient.Stop()
		conns.close()
	}()
	for failures := 0; ; {
		generation, err := group.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			if failures++; failures == 3 {
				l.logger.Warn("stream: cannot join the group, trying again", "group", c.Group, "err", err)
			}
			l.metrics.failures.WithLabelValues("join").Inc()
			continue
		}
		failures = 0
		ended := make(chan error, 1)
		generation.Start(func(until context.Context) { ended <- m.own(until, generation) })
		if err := <-ended; err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
	}
}

// copartition gives each member a run of partition numbers, of all streams. It
// is kafka-go's range, but sure to give a number of all streams to one member.
type copartition struct{}

func (copartition) ProtocolName() string      { return "aisle-copartition" }
func (copartition) UserData() ([]byte, error) { return nil, nil }
func (copartition) AssignGroups(members []kafka.GroupMember, partitions []kafka.Partition) kafka.GroupMemberAssignments {
	members = slices.SortedFunc(slices.Values(members), func(a, b kafka.GroupMember) int { return strings.Compare(a.ID, b.ID) })
	out := kafka.GroupMemberAssignments{}
	for _, m := range members {
		out[m.ID] = map[string][]int{}
	}
	count := 0
	for _, p := range partitions {
		count = max(count, p.ID+1)
	}
	for _, p := range partitions {
		m := members[p.ID*len(members)/count]
		if !slices.Contains(m.Topics, p.Topic) { // while members of two versions are in the group
			i := slices.IndexFunc(members, func(m kafka.GroupMember) bool { return slices.Contains(m.Topics, p.Topic) })
			m = members[i]
		}
		out[m.ID][p.Topic] = append(out[m.ID][p.Topic], p.ID)
	}
	return out
}

// member is this process in a group.
type member struct {
	log      *Log
	consumer Consumer
	ctx      context.Context
	lanes    []Lane
	done     map[string]prometheus.Counter
	fences   int // in a row
}

// own runs the lanes until the generation ends, or ctx, or a lane fails. When
// it returns nothing of the generation's partitions is handled any more: only
// then does the group go on.
func (m *member) own(until context.Context, generation *kafka.Generation) error {
	ctx, cancel := context.WithCancel(m.ctx)
	defer cancel()
	defer context.AfterFunc(until, cancel)()
	// A batch under way outlives the generation for a while.
	handling, stop := context.WithCancel(context.WithoutCancel(m.ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, stop) })()

	committed, shares, owned := m.share(generation)
	m.log.logger.Info("stream: owns partitions", "group", m.consumer.Group, "generation", generation.ID, "partitions", owned)
	commits := newCommits(m.log, generation)
	var committing sync.WaitGroup
	committing.Go(commits.run)

	reader := newReader(m.log, m.consumer.Group, shares)
	var reading sync.WaitGroup
	reading.Go(func() { reader.run(ctx) })
	var lanes errgroup.Group
	for i, parts := range shares {
		if len(parts) > 0 {
			lanes.Go(func() error {
				defer cancel() // if one fails, all of the generation ends
				return m.run(ctx, handling, m.lanes[i], parts, reader.feeds[i], committed, commits)
			})
		}
	}
	if len(owned) == 0 {
		<-ctx.Done() // a spare member waits for its turn
	}
	err := lanes.Wait()
	cancel()
	reading.Wait()
	close(commits.end)
	committing.Wait()
	if errors.Is(err, ErrFenced) {
		m.fences++
		m.log.metrics.failures.WithLabelValues("fence").Inc()
		m.log.logger.Warn("stream: fenced, joining anew", "group", m.consumer.Group, "err", err)
		pause(m.ctx, max(joinBackoff, backoff(m.fences+1)))
		return nil
	}
	if err == nil {
		m.fences = 0
	}
	return err
}

// share divides the generation's partitions among the lanes, by number, and
// tells where the group's commits stand.
func (m *member) share(generation *kafka.Generation) (committed map[Partition]int64, shares [][]Partition, owned []int) {
	committed, shares = map[Partition]int64{}, make([][]Partition, len(m.lanes))
	for topic, assigned := range generation.Assignments {
		for _, a := range assigned {
			committed[Partition{topic[len(m.log.prefix):], a.ID}] = a.Offset
			if !slices.Contains(owned, a.ID) {
				owned = append(owned, a.ID)
			}
		}
	}
	slices.Sort(owned)
	for p := range committed {
		i := slices.Index(owned, p.Number) % len(m.lanes)
		shares[i] = append(shares[i], p)
	}
	for _, s := range shares {
		slices.SortFunc(s, func(a, b Partition) int {
			if a.Number != b.Number {
				return a.Number - b.Number
			}
			return strings.Compare(a.Stream, b.Stream)
		})
	}
	return committed, shares, owned
}

// run is the goroutine of one lane.
func (m *member) run(ctx, handling context.Context, lane Lane, parts []Partition, feed *feed, committed map[Partition]int64, commits *commits) error {
	var own map[Partition]int64
	done, err := m.again(ctx, handling, "assign", func() (err error) {
		own, err = lane.Assign(handling, slices.Clone(parts))
		return err
	})
	if !done {
		return err
	}
	begin, eager, err := m.begin(ctx, parts, own, committed)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	feed.start(begin)
	idler, idles := lane.(Idler)
	var idle <-chan time.Time
	if idles {
		period := time.NewTicker(idlePeriod)
		defer period.Stop()
		idle = period.C
	}
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-feed.ready:
			if done, err := m.handle(ctx, handling, lane, feed.take(), eager, commits); !done {
				return err
			}
		case <-idle:
			if ended := feed.ended(); len(ended) > 0 {
				if done, err := m.again(ctx, handling, "idle", func() error { return idler.Idle(handling, ended) }); !done {
					return err
				}
			}
		}
	}
	return nil
}

// handle has a lane handle what was read, and notes how far it is. done is as
// that of again.
func (m *member) handle(ctx, handling context.Context, lane Lane, records []Record, eager map[Partition]bool, commits *commits) (done bool, err error) {
	for batch := range m.batches(records) {
		done, err := m.again(ctx, handling, "handle", func() error { return lane.Handle(handling, batch) })
		if !done {
			return false, err
		}
		next, now := map[Partition]int64{}, false
		for i := range batch {
			p := Partition{batch[i].Stream, batch[i].Partition}
			next[p] = batch[i].Offset + 1
			now = now || eager[p]
			m.done[p.Stream].Inc()
		}
		commits.add(next, now)
		if ctx.Err() != nil {
			return false, nil
		}
	}
	return true, nil
}

// begin is where each partition is to be read from, and whether the group's
// commit is the only one to know.
func (m *member) begin(ctx context.Context, parts []Partition, own, committed map[Partition]int64) (begin map[Partition]int64, eager map[Partition]bool, err error) {
	begin, eager = map[Partition]int64{}, map[Partition]bool{}
	var fresh []Partition
	for _, p := range parts {
		at, ok := own[p]
		if !ok {
			at, eager[p] = committed[p], true
		}
		if begin[p] = at; at <= 0 { // nothing was read yet: what is gone is not missed
			fresh = append(fresh, p)
		}
	}
	if len(fresh) == 0 {
		return begin, eager, nil
	}
	err = m.log.retry(ctx, "offsets", func() error {
		spans, err := m.log.offsets(ctx, fresh)
		for p, s := range spans {
			begin[p] = s.first
		}
		return err
	})
	return begin, eager, err
}

// again calls f until it is no more unavailable. done is false if it failed, or
// if the partitions were taken away before it could be done.
func (m *member) again(ctx, handling context.Context, operation string, f func() error) (done bool, err error) {
	for failures := 1; ; failures++ {
		err := f()
		switch {
		case err == nil:
			if failures > 3 {
				m.log.logger.Info("stream: lane works again", "group", m.consumer.Group, "operation", operation)
			}
			return true, nil
		case handling.Err() != nil:
			return false, nil
		case !errors.Is(err, offers.ErrUnavailable):
			return false, fmt.Errorf("%s, group %s: %w", operation, m.consumer.Group, err)
		}
		m.log.metrics.failures.WithLabelValues(operation).Inc()
		if failures == 3 {
			m.log.logger.Warn("stream: lane unavailable, trying again", "group", m.consumer.Group, "operation", operation, "err", err)
		}
		if !pause(ctx, backoff(failures+1)) {
			return false, nil
		}
	}
}

// batches cuts what a poll brought into batches that a lane can hold.
func (m *member) batches(records []Record) iter.Seq[[]Record] {
	return func(yield func([]Record) bool) {
		for len(records) > 0 {
			n, bytes := 0, 0
			for n < len(records) && n < m.consumer.MaxBatch && (n == 0 || bytes < maxHandleBytes) {
				bytes += size(&records[n])
				n++
			}
			if !yield(records[:n:n]) {
				return
			}
			records = records[n:]
		}
	}
}

// commits tells the broker how far the group is.
type commits struct {
	log        *Log
	generation *kafka.Generation
	end        chan struct{}
	now        chan struct{}

	mu   sync.Mutex // guards next
	next map[Partition]int64
}

func newCommits(l *Log, g *kafka.Generation) *commits {
	return &commits{log: l, generation: g, end: make(chan struct{}), now: make(chan struct{}, 1), next: map[Partition]int64{}}
}

func (c *commits) add(next map[Partition]int64, now bool) {
	c.mu.Lock()
	maps.Copy(c.next, next)
	c.mu.Unlock()
	if now {
		select {
		case c.now <- struct{}{}:
		default: // one is to come anyway
		}
	}
}

// run commits until end is closed, and then what is left.
func (c *commits) run() {
	lazy := time.NewTicker(lazyCommit)
	defer lazy.Stop()
	for {
		select {
		case <-c.now:
			c.commit()
		case <-lazy.C:
			c.commit()
		case <-c.end:
			c.commit()
			return
		}
	}
}

func (c *commits) commit() {
	c.mu.Lock()
	next := c.next
	c.next = map[Partition]int64{}
	c.mu.Unlock()
	byTopic := map[string]map[int]int64{}
	for p, offset := range next {
		topic := c.log.prefix + p.Stream
		if byTopic[topic] == nil {
			byTopic[topic] = map[int]int64{}
		}
		byTopic[topic][p.Number] = offset
	}
	if err := c.generation.CommitOffsets(byTopic); err != nil {
		c.log.metrics.failures.WithLabelValues("commit").Inc()
		c.mu.Lock()
		defer c.mu.Unlock()
		maps.Copy(next, c.next) // what came meanwhile is newer
		c.next = next
	}
}
