package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"

	"aisle/offers"
)

// The streams between the services. All but Campaigns have the same number of
// partitions and the same key hash: a shopper has one partition number.
const (
	Events     = "events"     // by shopper: everything that a shopper did
	Sightings  = "sightings"  // by shopper or track: positions, many a second, for the dashboard only
	Readings   = "readings"   // by tag: radio packets that came by HTTP, for minutes, for whoever locates
	Decisions  = "decisions"  // by shopper: every decision with its reasons
	Deliveries = "deliveries" // by shopper: what became of each message
	Originals  = "originals"  // by source and request: what clients sent, as it came, to be sent again elsewhere
	Quarantine = "quarantine" // by source: what could not be read, whole, with its reason
	Campaigns  = "campaigns"  // by ShopKey or CampaignKey, compacted: the live catalogue
)

const day = 24 * time.Hour

// streams says of each stream how long it is kept. The embedded broker keeps
// less where that would be more than its share, in per cent, of Config.Bytes.
var streams = []struct {
	name      string
	kept      time.Duration
	share     int64
	compacted bool
}{
	{name: Events, kept: 30 * day, share: 40},
	{name: Sightings, kept: time.Hour, share: 4},
	{name: Readings, kept: 10 * time.Minute, share: 1},
	{name: Decisions, kept: 90 * day, share: 25},
	{name: Deliveries, kept: 90 * day, share: 10},
	{name: Originals, kept: 7 * day, share: 10},
	{name: Quarantine, kept: 30 * day, share: 10},
	{name: Campaigns, compacted: true},
}

// defaultPartitions lets up to eight deciders share the shoppers; more
// partitions cost a laptop more than they give.
const defaultPartitions = 8

// streamIndex is the stream's place in streams, -1 if there is none.
func streamIndex(name string) int {
	for i := range streams {
		if streams[i].name == name {
			return i
		}
	}
	return -1
}

// Kept is how long a stream's records are kept, at the most; 0 for those that are
// replaced, and do not age.
func Kept(stream string) time.Duration {
	if i := streamIndex(stream); i >= 0 {
		return streams[i].kept
	}
	return 0
}

// count is the number of partitions of a stream.
func (l *Log) count(stream string) (int, error) {
	switch i := streamIndex(stream); {
	case i < 0:
		return 0, fmt.Errorf("stream %q: %w: there is no such stream", stream, offers.ErrInvalid)
	case streams[i].compacted:
		return 1, nil
	default:
		return l.partitions, nil
	}
}

// createStreams settles the number of partitions and creates what is missing.
func (l *Log) createStreams(ctx context.Context, c Config) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return l.retry(ctx, "create the streams", func() error {
		there, err := l.layout(ctx)
		if err != nil {
			return err
		}
		if l.partitions = c.Partitions; l.partitions == 0 {
			l.partitions = defaultPartitions
			for i, n := range there {
				if n > 0 && !streams[i].compacted {
					l.partitions = n
					break
				}
			}
		}
		var missing []kafka.TopicConfig
		for i, s := range streams {
			want, _ := l.count(s.name)
			switch {
			case there[i] == 0:
				missing = append(missing, l.topicConfig(i, want, c))
			case there[i] != want:
				return fmt.Errorf("stream %s: %w: it has %d partitions, not %d; a shopper must have the same partition number in every stream: set partitions to %[3]d, or choose another prefix",
					l.topics[i], offers.ErrConflict, there[i], want)
			}
		}
		if len(missing) == 0 {
			return nil
		}
		r, err := l.client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: missing})
		if err != nil {
			return failed("create", err)
		}
		for name, err := range r.Errors {
			if err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
				return failed("create "+name, err)
			}
		}
		l.refresh()
		return fmt.Errorf("streams: %w: created, but not there yet", offers.ErrUnavailable) // look again
	})
}

// layout is the number of partitions of each of streams; 0: not there.
func (l *Log) layout(ctx context.Context) ([]int, error) {
	m, err := l.leaders(ctx)
	if err != nil {
		return nil, err
	}
	counts := make([]int, len(streams))
	for i, t := range m {
		switch err := kafka.Error(t.ErrorCode); {
		case err == kafka.UnknownTopicOrPartition:
		case err != 0:
			return nil, failed(t.Name, err)
		default:
			counts[i] = len(t.Partitions)
			if slices.ContainsFunc(t.Partitions, func(p leaderOf) bool { return p.LeaderID < 0 }) {
				return nil, fmt.Errorf("%s: %w: a partition has no leader", t.Name, offers.ErrUnavailable)
			}
		}
	}
	return counts, nil
}

func (l *Log) topicConfig(i, partitions int, c Config) kafka.TopicConfig {
	s := streams[i]
	set := map[string]string{"cleanup.policy": "compact", "segment.ms": ms(day), "min.cleanable.dirty.ratio": "0.1"}
	if !s.compacted {
		set = map[string]string{"cleanup.policy": "delete", "retention.ms": ms(s.kept), "segment.ms": ms(min(day, s.kept/4))}
	}
	if c.Replication > 2 {
		set["min.insync.replicas"] = strconv.Itoa(c.Replication - 1)
	}
	if l.broker != nil {
		set = l.broker.topicConfig(i, partitions)
	}
	t := kafka.TopicConfig{Topic: l.topics[i], NumPartitions: partitions, ReplicationFactor: max(c.Replication, 1)}
	for k, v := range set {
		t.ConfigEntries = append(t.ConfigEntries, kafka.ConfigEntry{ConfigName: k, ConfigValue: v})
	}
	return t
}

func ms(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
