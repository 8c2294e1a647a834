package evalrank

import (
	"context"
	"encoding/csv"
	"fmt"
	"io/fs"
	"strconv"

	"aisle/offers"
	"aisle/offers/evaluate"
	"aisle/offers/rank"
	"aisle/offers/rank/trees"
)

// Mails is what ways of choosing a mailing would have brought in visits, by a
// trial in which chance chose.
type Mails struct {
	People int
	Ways   []MailWay
}

// MailWay is a way of choosing, with the visits a thousand people that it brings
// more than no mail.
type MailWay struct {
	Name             string
	Value, Low, High float64
	Gain             evaluate.Estimate // of a person, over always the best single mailing
}

// mail is one person of the trial.
type mail struct {
	columns []float64
	context offers.Context
	arm     int
	visit   float64
}

var mailings = []string{"No E-Mail", "Mens E-Mail", "Womens E-Mail"}

const noMail = 0

// mails judge ways of choosing a mailing. Whoever is judged was not learned
// from.
func mails(fsys fs.FS, file string) (*Mails, error) {
	people, names, err := readMails(fsys, file)
	if err != nil {
		return nil, err
	}
	best := bestMailing(people)
	byTrees, err := chosenByTrees(people, names)
	if err != nil {
		return nil, err
	}
	out := &Mails{People: len(people)}
	always := func(arm int) []int {
		chosen := make([]int, len(people))
		for i := range chosen {
			chosen[i] = arm
		}
		return chosen
	}
	for _, way := range []struct {
		name   string
		chosen []int
	}{
		{"always men's", always(1)},
		{"always women's", always(2)},
		{"the house's model, as it learns", chosenByTheHouse(people)},
		{"trees", byTrees},
	} {
		against, err := difference(people, way.chosen, always(noMail))
		if err != nil {
			return nil, err
		}
		gain, err := difference(people, way.chosen, always(best))
		if err != nil {
			return nil, err
		}
		out.Ways = append(out.Ways, MailWay{Name: way.name, Value: 1000 * against.Value, Low: 1000 * against.Low, High: 1000 * against.High, Gain: gain})
	}
	return out, nil
}

// difference is what one way of choosing brings more than another, a person: the
// visits of those who happened to get what the one would have sent, less those
// of the other, each three times, as chance sent every mailing to a third. What
// is usual of a person is taken off both, which changes nothing but the noise.
func difference(people []mail, one, other []int) (evaluate.Estimate, error) {
	usual := visitsOf(people)
	var more, nothing evaluate.Arm
	for i, p := range people {
		x := 0.0
		if p.arm == one[i] {
			x += (p.visit - usual) * float64(len(mailings))
		}
		if p.arm == other[i] {
			x -= (p.visit - usual) * float64(len(mailings))
		}
		more.Add(x, 0)
		nothing.Add(0, 0)
	}
	l, err := evaluate.LiftOf(&more, &nothing, .95, 0)
	return evaluate.Estimate{Method: evaluate.IPS, Value: l.Value, Low: l.Low, High: l.High}, err
}

func visitsOf(people []mail) float64 {
	visits := 0.0
	for _, p := range people {
		visits += p.visit
	}
	return visits / float64(len(people))
}

func bestMailing(people []mail) int {
	var visits, n [3]float64
	for _, p := range people {
		visits[p.arm] += p.visit
		n[p.arm]++
	}
	best := noMail
	for a := range mailings {
		if visits[a]/n[a] > visits[best]/n[best] {
			best = a
		}
	}
	return best
}

// chosenByTheHouse replays the people through the model of the house: it
// chooses first, and learns after.
func chosenByTheHouse(people []mail) []int {
	learner := rank.NewLearner(rank.New())
	arms := make([]rank.Arm, len(mailings))
	for i, m := range mailings {
		arms[i] = rank.Arm{Offer: offers.OfferID(m), Campaign: "mail", Category: m}
	}
	chosen := make([]int, len(people))
	var estimates []rank.Estimate
	const every = 100 // people between two snapshots
	var m *rank.Model
	for i := range people {
		p := &people[i]
		if i%every == 0 {
			m = learner.Snapshot()
		}
		estimates = m.Predict(estimates, &p.context, arms)
		for a := range estimates {
			if estimates[a].Mean > estimates[chosen[i]].Mean {
				chosen[i] = a
			}
		}
		learner.Learn(&p.context, &arms[p.arm], p.visit)
	}
	return chosen
}

// chosenByTrees sends the best single mailing, but to those of whom trees say
// that another brings more. They learn from what each person adds to the
// difference between the two: the doubly robust score (Athey and Wager: Policy
// Learning with Observational Data, 2021).
func chosenByTrees(people []mail, names []string) ([]int, error) {
	chosen := make([]int, len(people))
	for k := range folds {
		var learn []*mail
		var all []mail
		for i := range people {
			if i%folds != k {
				learn, all = append(learn, &people[i]), append(all, people[i])
			}
		}
		usual := bestMailing(all)
		visits, err := visitsByMailing(learn, names)
		if err != nil {
			return nil, err
		}
		for i := k; i < len(people); i += folds {
			chosen[i] = usual
		}
		best := make([]float64, len(people))
		for other := range mailings {
			if other == usual {
				continue
			}
			t := tableOfMails(learn, names)
			for _, p := range learn {
				t.Label = append(t.Label, p.score(other, visits)-p.score(usual, visits))
			}
			m, err := trees.Train(context.Background(), t, trees.Settings{Goal: trees.Amount, Trees: 60, Leaves: 3, LeastRows: 500, Ridge: 500})
			if err != nil {
				return nil, err
			}
			for i := k; i < len(people); i += folds {
				if more := m.Score(people[i].columns); more > best[i] {
					chosen[i], best[i] = other, more
				}
			}
		}
	}
	return chosen, nil
}

// visitsByMailing is a model of visits for each mailing.
func visitsByMailing(learn []*mail, names []string) ([]*trees.Model, error) {
	models := make([]*trees.Model, len(mailings))
	for arm := range mailings {
		var got []*mail
		for _, p := range learn {
			if p.arm == arm {
				got = append(got, p)
			}
		}
		t := tableOfMails(got, names)
		for _, p := range got {
			t.Label = append(t.Label, p.visit)
		}
		var err error
		if models[arm], err = trees.Train(context.Background(), t, trees.Settings{Trees: 80, Leaves: 4, LeastRows: 100}); err != nil {
			return nil, err
		}
	}
	return models, nil
}

// score is what the person adds to what a mailing brings.
func (p *mail) score(arm int, visits []*trees.Model) float64 {
	expected := visits[arm].Chance(p.columns)
	if p.arm != arm {
		return expected
	}
	return expected + float64(len(mailings))*(p.visit-expected)
}

func tableOfMails(people []*mail, names []string) *trees.Table {
	t := &trees.Table{Names: names, Columns: make([][]float64, len(names))}
	for _, p := range people {
		for c, x := range p.columns {
			t.Columns[c] = append(t.Columns[c], x)
		}
	}
	return t
}

func readMails(fsys fs.FS, file string) (people []mail, names []string, err error) {
	f, err := fsys.Open(file)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w: %w", file, offers.ErrInvalid, err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	arms := map[string]int{}
	for a, m := range mailings {
		arms[m] = a
	}
	names = []string{"recency", "history", "mens", "womens", "newbie", "urban", "rural", "phone", "web"}
	for n, row := range rows[1:] {
		cell := func(name string) string { return row[at[name]] }
		is := func(name, value string) float64 {
			if cell(name) == value {
				return 1
			}
			return 0
		}
		arm, ok := arms[cell("segment")]
		if !ok {
			return nil, nil, fmt.Errorf("%s: line %d: %w: no mailing %q", file, n+2, offers.ErrInvalid, cell("segment"))
		}
		p := mail{arm: arm, visit: is("visit", "1"), context: offers.Context{Tier: cell("newbie"), Category: cell("channel")}}
		for _, name := range []string{"recency", "history"} {
			x, err := strconv.ParseFloat(cell(name), 64)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: line %d: %w: %w", file, n+2, offers.ErrInvalid, err)
			}
			p.columns = append(p.columns, x)
		}
		p.columns = append(p.columns, is("mens", "1"), is("womens", "1"), is("newbie", "1"),
			is("zip_code", "Urban"), is("zip_code", "Rural"), is("channel", "Phone"), is("channel", "Web"))
		for _, bought := range []string{"mens", "womens"} {
			if cell(bought) == "1" {
				p.context.Searched = append(p.context.Searched, bought)
			}
		}
		people = append(people, p)
	}
	return people, names, nil
}
