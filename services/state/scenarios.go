package state

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/offers/scenario"
)

// What became of shoppers at the steps of scenarios is a hash of numbers in
// each partition, which its owner's commits add to. A number's field names the
// scenario, the steps that it had, which of them, and what happened.

func scenariosKey(partition int) string { return Key(partition, "scenarios") }

// ScenarioIncrements are a count as a commit adds it.
func ScenarioIncrements(partition int, c *scenario.Counted) []Increment {
	prefix := fmt.Sprintf("%s/%08x/%d/", c.Scenario, c.Steps, c.Step)
	var all []Increment
	for i, by := range numbers(&c.Count) {
		if *by != 0 {
			all = append(all, Increment{Key: scenariosKey(partition), Field: prefix + happened[i], By: *by})
		}
	}
	return all
}

// happened are the names of a count's numbers, in the order of numbers.
var happened = [...]string{"entered", "passed", "timed_out", "stopped", "let_go", "silenced"}

func numbers(c *scenario.Count) [len(happened)]*int64 {
	return [...]*int64{&c.Entered, &c.Passed, &c.TimedOut, &c.Stopped, &c.LetGo, &c.Silenced}
}

// ScenarioSteps names a version of a scenario, by the hash of its steps.
type ScenarioSteps struct {
	Scenario offers.ScenarioID
	Steps    uint32
}

// ScenarioCounts sums what became of shoppers in all partitions, by step.
func (s *Store) ScenarioCounts(ctx context.Context, partitions int) (map[ScenarioSteps]map[int]scenario.Count, error) {
	pipe := s.client.Pipeline()
	answers := make([]*redis.MapStringStringCmd, partitions)
	for i := range answers {
		answers[i] = pipe.HGetAll(ctx, scenariosKey(i))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, s.failed("scenarios", err)
	}
	sums := map[ScenarioSteps]map[int]scenario.Count{}
	for _, a := range answers {
		for field, value := range a.Val() {
			if err := addCount(sums, field, value); err != nil {
				return nil, fmt.Errorf("state: scenarios: %q = %q: %w: %w", field, value, offers.ErrInvalid, err)
			}
		}
	}
	return sums, nil
}

func addCount(sums map[ScenarioSteps]map[int]scenario.Count, field, value string) error {
	parts := strings.Split(field, "/")
	if len(parts) != 4 {
		return strconv.ErrSyntax
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return err
	}
	step, err := strconv.Atoi(parts[2])
	if err != nil {
		return err
	}
	by, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return err
	}
	key := ScenarioSteps{offers.ScenarioID(parts[0]), uint32(hash)}
	if sums[key] == nil {
		sums[key] = map[int]scenario.Count{}
	}
	sum := sums[key][step]
	for i, n := range numbers(&sum) {
		if happened[i] == parts[3] {
			*n += by
		}
	}
	sums[key][step] = sum
	return nil
}
