// Watermill does the decider's work as a framework that handles one message at a
// time would have it done: the same fold, the same campaigns, the same model and
// draw, one read and one write of Redis for each event. It is at least once: no
// offset lies with the state, no owner is fenced.
//
//	aisle bench -only against -against "watermill=.cache/compare/watermill"
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"
	"os/signal"
	"strings"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/feature"
	"aisle/offers/rank"
	"aisle/services/state"
	"aisle/services/stream"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	streams, err := stream.Open(ctx, stream.Config{URL: os.Getenv("AISLE_STREAM")})
	if err != nil {
		return err
	}
	defer streams.Close()
	catalogue, err := streams.Catalogue(ctx)
	if err != nil {
		return err
	}
	store, err := state.Open(ctx, state.Config{URL: os.Getenv("AISLE_STATE")})
	if err != nil {
		return err
	}
	defer store.Close()

	brokers := strings.Split(os.Getenv("AISLE_BROKERS"), ",")
	reading := kafka.DefaultSaramaSubscriberConfig()
	reading.Consumer.Offsets.Initial = sarama.OffsetOldest
	in, err := kafka.NewSubscriber(kafka.SubscriberConfig{
		Brokers: brokers, Unmarshaler: kafka.DefaultMarshaler{}, OverwriteSaramaConfig: reading, ConsumerGroup: "watermill-" + os.Getenv("AISLE_EVENTS"),
	}, watermill.NopLogger{})
	if err != nil {
		return err
	}
	out, err := kafka.NewPublisher(kafka.PublisherConfig{Brokers: brokers, Marshaler: kafka.DefaultMarshaler{}}, watermill.NopLogger{})
	if err != nil {
		return err
	}
	router, err := message.NewRouter(message.RouterConfig{}, watermill.NopLogger{})
	if err != nil {
		return err
	}
	features, model := feature.Default(), rank.New()
	engine, _ := decide.New(catalogue.Now(), features)
	client := store.Client()
	router.AddHandler("decide", os.Getenv("AISLE_EVENTS"), in, os.Getenv("AISLE_DECISIONS"), out, func(m *message.Message) ([]*message.Message, error) {
		var e offers.Event
		if err := json.Unmarshal(m.Payload, &e); err != nil {
			return nil, nil //nolint:nilerr // not ours
		}
		partition, _ := kafka.MessagePartitionFromCtx(m.Context())
		offset, _ := kafka.MessagePartitionOffsetFromCtx(m.Context())
		key := state.ProfileKey(int(partition), e.Shopper)
		p := &offers.Profile{Shopper: e.Shopper}
		switch packed, err := client.Get(m.Context(), key).Bytes(); {
		case err == nil:
			if err := state.DecodeProfile(packed, p); err != nil {
				return nil, err
			}
		case !errors.Is(err, redis.Nil):
			return nil, err
		}
		decide.Fold(features, p, &e)
		var answers []*message.Message
		if engine.Triggers(&e) {
			d := engine.Decide(&decide.Moment{ID: decide.DecisionID(int(partition), offset, 0), Offset: offset, Event: &e, Profile: p}, model)
			value, err := json.Marshal(d)
			if err != nil {
				return nil, err
			}
			answers = append(answers, message.NewMessage(m.UUID, value))
		}
		return answers, client.Set(m.Context(), key, state.AppendProfile(nil, p), 0).Err()
	})
	return router.Run(ctx)
}
