package decider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/goccy/go-json"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/rank"
	"aisle/offers/rank/lists"
	"aisle/offers/rank/trees"
	"aisle/services/state"
)

// Model is one of the shop's own, which campaigns name: behind HTTP, or in a file.
// Where it does not answer in time the house's model does.
type Model struct {
	URL     string        `yaml:"url"`     // asked by POST; no campaign can change it, and no redirect is followed
	Key     string        `yaml:"key"`     // sent as a bearer token; ${env:NAME}
	File    string        `yaml:"file"`    // instead: trees that aisle rank train or LightGBM wrote
	Timeout time.Duration `yaml:"timeout"` // of one request; default 50ms
	Batch   int           `yaml:"batch"`   // most offers in a request; default 100
	Budget  time.Duration `yaml:"budget"`  // that a batch of events, or a page, waits for it in all; default 250ms
}

func (m Model) withDefaults() Model {
	if m.Timeout == 0 {
		m.Timeout = 50 * time.Millisecond
	}
	if m.Batch == 0 {
		m.Batch = 100
	}
	if m.Budget == 0 {
		m.Budget = 250 * time.Millisecond
	}
	return m
}

// validate says what is wrong with a model; a file is read.
func (m Model) validate(name string) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("decider.models.%s: %w: %s", name, offers.ErrInvalid, fmt.Sprintf(format, args...))
	}
	if (m.URL == "") == (m.File == "") {
		return wrong("want url or file")
	}
	if m.Timeout < 0 || m.Batch < 0 || m.Budget < 0 {
		return wrong("timeout, batch and budget are not negative")
	}
	if m.File != "" {
		if _, err := readTrees(name, m.File); err != nil {
			return fmt.Errorf("decider.models.%s: %w", name, err)
		}
		return nil
	}
	if u, err := url.Parse(m.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return wrong("url %q: an address such as https://models.example.com/score, without a password", m.URL)
	}
	return nil
}

// scorer is an own model at work: it says how likely each arm is taken.
type scorer interface {
	score(ctx context.Context, c *offers.Context, arms []rank.Arm) (scores []score, version string, err error)
}

// score is what an own model says of an arm. Without an uncertainty the house's
// is taken.
type score struct {
	Propensity  float64  `json:"propensity"`
	Uncertainty *float64 `json:"uncertainty,omitempty"`
}

// own is an own model with its breaker.
type own struct {
	scorer
	config Model

	mu      sync.Mutex // guards the rest
	breaker breaker
	health  state.ModelHealth
}

// models are the own models. Safe for concurrent use.
type models struct {
	named   map[string]*own
	metrics *modelMetrics
	logger  *slog.Logger
}

func newModels(config map[string]Model, logger *slog.Logger, reg prometheus.Registerer) *models {
	m := &models{named: map[string]*own{}, metrics: newModelMetrics(reg), logger: logger}
	for name, c := range config {
		c = c.withDefaults()
		o := &own{config: c, health: state.ModelHealth{Name: name, Kind: "http", At: c.URL, Breaker: string(closed)}}
		if c.File == "" {
			o.scorer = &remote{config: c, client: newClient(c)}
		} else {
			o.health.Kind, o.health.At = "file", c.File
			t, err := readTrees(name, c.File)
			if err != nil { // it was there when the configuration was checked
				logger.Error("own model left out", "model", name, "err", err)
				continue
			}
			o.scorer = t
		}
		m.named[name] = o
		m.metrics.breaker.WithLabelValues(name).Set(0)
	}
	return m
}

// ranker answers for one batch of events, or one page: the house's model, with
// what pages taught of lists, and own models where campaigns name them.
//
// What an own model said is in the candidates of the decision, and the decision
// is committed before anything is done about it: a run after that adopts it, from
// the outbox or the log, and asks nobody. A lane that dies before the commit has
// told nobody what it heard; the next asks again, and may hear otherwise.
type ranker struct {
	ctx       context.Context // of the batch: a ranker lives no longer
	house     *rank.Model
	lists     *lists.Model // nil: not a list, or nothing is known of them yet
	models    *models
	campaigns map[offers.CampaignID]*offers.Campaign
	spent     map[string]time.Duration // by own model
	mine      []rank.Arm
	at        []int
}

var _ decide.Ranker = (*ranker)(nil)

// ranker is what a batch or a page asks, until ctx ends.
func (d *Decider) ranker(ctx context.Context, list bool) *ranker {
	r := &ranker{ctx: ctx, house: d.model.Load(), models: d.models, campaigns: d.catalogue.Now().Campaigns}
	if list {
		r.lists = d.lists.Load()
	}
	return r
}

// Version is that of the house's model. Candidates say who else was asked.
func (r *ranker) Version() string { return r.house.Version() }

func (r *ranker) Predict(dst []rank.Estimate, c *offers.Context, arms []rank.Arm) []rank.Estimate {
	dst = r.house.Predict(dst, c, arms)
	if r.lists != nil {
		r.lists.Refine(dst, c, arms)
	}
	if len(r.models.named) == 0 {
		return dst
	}
	var asked []string
	for i := range arms {
		if name := r.nameOf(&arms[i]); name != "" && !slices.Contains(asked, name) {
			asked = append(asked, name)
			r.ask(name, dst, c, arms)
		}
	}
	return dst
}

func (r *ranker) nameOf(a *rank.Arm) string {
	if k := r.campaigns[a.Campaign]; k != nil {
		return k.Model
	}
	return ""
}

// ask asks an own model about the arms of the campaigns that name it.
func (r *ranker) ask(name string, dst []rank.Estimate, c *offers.Context, arms []rank.Arm) {
	o := r.models.named[name]
	if o == nil {
		r.models.metrics.asked.WithLabelValues("", "unknown").Inc() // no name of a campaign's, which may be any
		return
	}
	r.mine, r.at = r.mine[:0], r.at[:0]
	for i := range arms {
		if r.nameOf(&arms[i]) == name {
			r.mine, r.at = append(r.mine, arms[i]), append(r.at, i)
		}
	}
	for from := 0; from < len(r.mine); from += o.config.Batch {
		to := min(from+o.config.Batch, len(r.mine))
		scores, version := r.models.score(r, name, o, c, r.mine[from:to])
		for i, s := range scores {
			e := &dst[r.at[from+i]]
			e.Mean, e.By = s.Propensity, version
			if s.Uncertainty != nil {
				e.SD = *s.Uncertainty
			}
		}
	}
}

// errSpent says that a batch has waited long enough for a model.
var errSpent = errors.New("the batch's budget for it is spent")

// score asks a model for one request's arms, or nobody: then there are no scores.
func (m *models) score(r *ranker, name string, o *own, c *offers.Context, arms []rank.Arm) ([]score, string) {
	began := time.Now()
	if !o.allowed(began) {
		m.metrics.asked.WithLabelValues(name, "open").Inc()
		return nil, ""
	}
	rest := o.config.Budget - r.spent[name]
	if rest <= 0 {
		o.done(time.Now(), 0, errSpent)
		m.metrics.asked.WithLabelValues(name, "budget").Inc()
		return nil, ""
	}
	ctx, cancel := context.WithTimeout(r.ctx, min(o.config.Timeout, rest))
	scores, version, err := o.score(ctx, c, arms)
	cancel()
	now := time.Now()
	took := now.Sub(began)
	if r.spent == nil {
		r.spent = map[string]time.Duration{}
	}
	r.spent[name] += took
	if err == nil {
		err = sound(scores, len(arms))
	}
	if r.ctx.Err() != nil && err != nil {
		err = errSpent // who asks has gone: that says nothing of the model
	}
	before, after := o.done(now, took, err)
	m.metrics.seconds.WithLabelValues(name).Observe(took.Seconds())
	m.metrics.breaker.WithLabelValues(name).Set(after.number())
	if before != after {
		m.logger.Warn("own model's breaker", "model", name, "is", after, "was", before, "err", err)
	}
	if err != nil {
		m.metrics.asked.WithLabelValues(name, "failed").Inc()
		return nil, ""
	}
	m.metrics.asked.WithLabelValues(name, "answered").Inc()
	return scores, name + "@" + version
}

// sound says what is wrong with an answer.
func sound(scores []score, want int) error {
	if len(scores) != want {
		return fmt.Errorf("own model: %w: %d scores for %d offers", offers.ErrInvalid, len(scores), want)
	}
	for i, s := range scores {
		if !(s.Propensity >= 0 && s.Propensity <= 1) || s.Uncertainty != nil && !(*s.Uncertainty >= 0 && *s.Uncertainty <= 1) {
			return fmt.Errorf("own model: %w: offer %d has no propensity and uncertainty from 0 to 1", offers.ErrInvalid, i)
		}
	}
	return nil
}

// allowed tells whether the model may be asked now.
func (o *own) allowed(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.breaker.allow(now) {
		return true
	}
	o.health.Skipped++
	return false
}

// done notes what came of asking.
func (o *own) done(now time.Time, took time.Duration, err error) (before, after condition) {
	o.mu.Lock()
	defer o.mu.Unlock()
	before = o.breaker.condition
	h := &o.health
	switch {
	case errors.Is(err, errSpent):
		o.breaker.unsaid()
		h.Skipped++
	case err != nil:
		o.breaker.failed(now)
		h.Failed++
		h.LastError, h.FailedAt = fmt.Sprintf("%.200s", err), now.UTC()
	default:
		o.breaker.worked()
		h.Answered++
		// A running mean of some fifty answers.
		ms := float64(took) / float64(time.Millisecond)
		if h.Answered == 1 {
			h.MeanMs = ms
		}
		h.MeanMs += (ms - h.MeanMs) / 50
		h.MostMs = max(h.MostMs*.99, ms)
		h.AnsweredAt = now.UTC()
	}
	h.Breaker = string(o.breaker.condition)
	return before, o.breaker.condition
}

// tell tells state how the own models do, for the console.
func (m *models) tell(ctx context.Context, store *state.Store) error {
	if len(m.named) == 0 {
		return nil
	}
	by, err := os.Hostname()
	if err != nil {
		by = "decider"
	}
	var all []state.ModelHealth
	for _, o := range m.named {
		o.mu.Lock()
		all = append(all, o.health)
		o.mu.Unlock()
	}
	return store.TellModels(ctx, by, all)
}

// condition is what a breaker lets through.
type condition string

const (
	closed   condition = "closed"    // everything
	opened   condition = "open"      // nothing, for a while
	halfOpen condition = "half_open" // one call, to see
)

func (c condition) number() float64 {
	return map[condition]float64{closed: 0, halfOpen: .5, opened: 1}[c]
}

// breaker keeps from asking a model that does not answer: after some failures in
// a row it opens, and after a pause lets one call through, which closes it or
// doubles the pause.
type breaker struct {
	condition condition
	failures  int // in a row
	until     time.Time
	pause     time.Duration
}

const (
	failuresToOpen = 5
	firstPause     = 2 * time.Second
	longestPause   = time.Minute
)

func (b *breaker) allow(now time.Time) bool {
	switch b.condition {
	case opened:
		if now.Before(b.until) {
			return false
		}
		b.condition = halfOpen
		return true
	case halfOpen:
		return false // one is under way
	}
	b.condition = closed
	return true
}

func (b *breaker) worked() { *b = breaker{condition: closed} }

func (b *breaker) failed(now time.Time) {
	b.failures++
	if b.condition != halfOpen && b.failures < failuresToOpen {
		return
	}
	b.pause = min(max(2*b.pause, firstPause), longestPause)
	b.condition, b.until = opened, now.Add(b.pause)
}

// unsaid: nothing was learned of the model.
func (b *breaker) unsaid() {
	if b.condition == halfOpen {
		b.condition = opened // until is over: the next call is the one to see
	}
}

// remote is a model behind HTTP.
type remote struct {
	config Model
	client *http.Client
}

// mostAnswer bounds an answer.
const mostAnswer = 1 << 20

// newClient makes the client of one model: it speaks to the host that the
// configuration names, and to none that this one sends it to.
func newClient(c Model) *http.Client {
	dialer := &net.Dialer{Timeout: c.Timeout, Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return err
		}
		// Where clouds keep their machines' secrets: no name may lead there.
		if ip := net.ParseIP(host); ip == nil || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
			return fmt.Errorf("own model: %w: it does not live at %s", offers.ErrDenied, host)
		}
		return nil
	}}
	return &http.Client{
		Transport:     &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// scoring is what a model behind HTTP is asked: nobody's name is in it.
type scoring struct {
	Context  offers.Context  `json:"context"`
	Features offers.Features `json:"features"`
	Offers   []scoredOffer   `json:"offers"`
}

type scoredOffer struct {
	Offer    offers.OfferID    `json:"offer"`
	Campaign offers.CampaignID `json:"campaign"`
	Category string            `json:"category,omitempty"`
	Zone     offers.ZoneID     `json:"zone,omitempty"`
	Channel  offers.Channel    `json:"channel,omitempty"`
	Discount float64           `json:"discount,omitempty"`
}

func (m *remote) score(ctx context.Context, c *offers.Context, arms []rank.Arm) ([]score, string, error) {
	in := scoring{Context: *c, Features: c.Features, Offers: make([]scoredOffer, len(arms))}
	for i, a := range arms {
		in.Offers[i] = scoredOffer{Offer: a.Offer, Campaign: a.Campaign, Category: a.Category, Zone: a.Zone, Channel: a.Channel, Discount: a.Discount}
	}
	body, err := json.Marshal(in)
	if err != nil {
		return nil, "", fmt.Errorf("own model: %w: %w", offers.ErrInvalid, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.config.URL, bytes.NewReader(body))
	if err != nil {
		return nil, "", fmt.Errorf("own model: %w: %w", offers.ErrInvalid, err)
	}
	req.Header.Set("Content-Type", "application/json")
	if m.config.Key != "" {
		req.Header.Set("Authorization", "Bearer "+m.config.Key)
	}
	res, err := m.client.Do(req)
	if err != nil {
		return nil, "", fmt.Errorf("own model: %w: %w", offers.ErrUnavailable, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return nil, "", fmt.Errorf("own model: %w: %w", offers.ErrUnavailable, err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("own model: %w: status %d", offers.ErrUnavailable, res.StatusCode)
	}
	var out struct {
		Version string  `json:"version"`
		Scores  []score `json:"scores"`
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, "", fmt.Errorf("own model: %w: %w", offers.ErrInvalid, err)
	}
	return out.Scores, fmt.Sprintf("%.40s", out.Version), nil
}

// planted is a model in a file.
type planted struct {
	trees   *trees.Model
	columns *lists.Columns
	version string
	scenes  sync.Pool // of *lists.Scene
}

// mostFile bounds a model's file.
const mostFile = 64 << 20

// readTrees reads a file of trees: as aisle rank train wrote it, or LightGBM.
func readTrees(name, file string) (*planted, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w: %w", name, offers.ErrNotFound, err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, mostFile))
	if err != nil {
		return nil, fmt.Errorf("model %s: %w: %w", name, offers.ErrUnavailable, err)
	}
	p := &planted{}
	if bytes.HasPrefix(raw, []byte("{")) {
		m, err := lists.Decode(raw)
		if err != nil {
			return nil, err
		}
		p.trees, p.version = m.Calibrated(), m.Version()
	} else {
		if p.trees, err = trees.ReadLightGBM(bytes.NewReader(raw)); err != nil {
			return nil, err
		}
		p.version = "lightgbm"
	}
	if p.trees.Goal != trees.Chance {
		return nil, fmt.Errorf("model %s: %w: its goal is %q; what campaigns need is the chance that an offer is taken (objective binary)", name, offers.ErrInvalid, p.trees.Goal)
	}
	p.columns, err = lists.NewColumns(p.trees.Names)
	return p, err
}

func (p *planted) score(_ context.Context, c *offers.Context, arms []rank.Arm) ([]score, string, error) {
	s, ok := p.scenes.Get().(*lists.Scene)
	if !ok {
		s = new(lists.Scene)
	}
	defer p.scenes.Put(s)
	if err := p.columns.Look(s, c); err != nil {
		return nil, "", err
	}
	scores := make([]score, len(arms))
	for i := range arms {
		scores[i].Propensity = p.trees.Chance(p.columns.Row(s, &arms[i]))
		if math.IsNaN(scores[i].Propensity) {
			return nil, "", fmt.Errorf("own model: %w: it says nothing of %s", offers.ErrInvalid, arms[i].Offer)
		}
	}
	return scores, p.version, nil
}

type modelMetrics struct {
	asked   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	breaker *prometheus.GaugeVec
}

func newModelMetrics(reg prometheus.Registerer) *modelMetrics {
	f := promauto.With(reg)
	return &modelMetrics{
		asked: f.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_decider_own_model_requests_total", Help: "Requests to campaigns' own models, by what came of them: answered, failed, open (not asked, as it failed before), budget (not asked, as the batch waited enough), unknown (no model has that name). In all but the first the house's model answered.",
		}, []string{"model", "outcome"}),
		seconds: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: "aisle_decider_own_model_seconds", Help: "Time until an own model answered or failed.", Buckets: prometheus.ExponentialBuckets(50e-6, 2, 16),
		}, []string{"model"}),
		breaker: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "aisle_decider_own_model_breaker_ratio", Help: "0: the model is asked; 1: it failed and is not asked for a while; in between: one request tries.",
		}, []string{"model"}),
	}
}
