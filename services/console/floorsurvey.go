package console

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/beacons/locate"
	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
)

func (s *Service) surveyRoutes(api fiber.Router) {
	api.Get("/shops/:shop/survey", s.allow(catalog.RoleViewer, s.getSurvey))
	api.Delete("/shops/:shop/survey", s.allow(catalog.RoleMarketer, s.forgetSurvey))
	api.Get("/shops/:shop/survey/tags", s.allow(catalog.RoleMarketer, s.getSurveyTags))
	api.Get("/shops/:shop/survey/readings", s.allow(catalog.RoleMarketer, s.getSurveyReadings))
	api.Post("/shops/:shop/survey/points", s.allow(catalog.RoleMarketer, s.addSurveyPoint))
	api.Get("/shops/:shop/health", s.allow(catalog.RoleViewer, s.getShopHealth))
}

// Bounds of a survey, and what makes a good point.
const (
	surveyMost    = 400 // points of a shop: they go with its plan to whoever locates
	surveyHeard   = 24  // receivers of a point, the loudest
	surveySame    = 0.75
	surveyStand   = 3 * time.Minute // that a stand takes at most
	surveyPackets = 10              // of all receivers together
	surveysMost   = 64              // that are remembered
	surveyFit     = 6               // points that it takes to say how good a survey is
	surveyListens = 5 * time.Second
)

type (
	survey struct {
		Points    []surveyPoint    `json:"points"`
		Fit       surveyError      `json:"fit"`
		Floors    []surveyError    `json:"floors"`
		Receivers []surveyReceiver `json:"receivers"`
	}
	// surveyPoint is a place that was surveyed, and where a tag would be found
	// that is heard as this one was, by all other points.
	surveyPoint struct {
		Floor offers.FloorID  `json:"floor"`
		At    offers.Point    `json:"at"`
		Taken time.Time       `json:"taken"`
		Heard []surveyedPoint `json:"heard"`
		Found *surveyFound    `json:"found,omitempty"`
	}
	surveyedPoint struct {
		Receiver   offers.ReceiverID `json:"receiver"`
		GainDB     float64           `json:"gain_db"`
		Packets    int               `json:"packets"`
		ResidualDB *float64          `json:"residual_db,omitempty"` // louder than the receiver's law has it
	}
	surveyFound struct {
		Floor  offers.FloorID `json:"floor"`
		At     offers.Point   `json:"at"`
		ErrorM float64        `json:"error_m"`
	}
	surveyError struct {
		Floor      offers.FloorID `json:"floor,omitempty"`
		Points     int            `json:"points"`
		Measured   int            `json:"measured"` // points that have an error
		P50M       float64        `json:"p50_m"`
		P90M       float64        `json:"p90_m"`
		WrongFloor int            `json:"wrong_floor"`
	}
	surveyReceiver struct {
		Receiver offers.ReceiverID `json:"receiver"`
		Points   int               `json:"points"`
		OffsetDB float64           `json:"offset_db"`
		Exponent float64           `json:"exponent"`
		SpreadDB float64           `json:"spread_db"`
	}
)

func (s *Service) getSurvey(c *fiber.Ctx) error {
	shop, err := s.catalog.Shop(c.UserContext(), offers.ShopID(param(c, "shop")))
	if err != nil {
		return err
	}
	return c.JSON(s.surveys.judged(&shop))
}

// surveys remembers how good each shop's survey is: to work that out takes a
// second of a processor, and it is asked often. Safe for concurrent use.
type surveys struct {
	mu   sync.Mutex // guards the rest, and has one be worked out at a time
	last map[offers.ShopID]judgedSurvey
}

type judgedSurvey struct {
	of  [sha256.Size]byte // the plan and its survey
	all survey
}

func (s *surveys) judged(shop *offers.Shop) survey {
	body, err := json.Marshal(offers.Shop{Floors: shop.Floors, Receivers: shop.Receivers, Survey: shop.Survey})
	if err != nil {
		return surveyOf(shop) // cannot be: it came as JSON
	}
	of := sha256.Sum256(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.last[shop.ID]; ok && known.of == of {
		return known.all
	}
	all := surveyOf(shop)
	all.judge(shop)
	if s.last == nil || len(s.last) >= surveysMost {
		s.last = map[offers.ShopID]judgedSurvey{}
	}
	s.last[shop.ID] = judgedSurvey{of, all}
	return all
}

// surveyOf is a shop's survey as it was walked.
func surveyOf(shop *offers.Shop) survey {
	all := survey{Points: make([]surveyPoint, len(shop.Survey)), Floors: []surveyError{}, Receivers: []surveyReceiver{}}
	for i, p := range shop.Survey {
		at := surveyPoint{Floor: p.Floor, At: p.At, Taken: p.Taken.UTC(), Heard: make([]surveyedPoint, len(p.Heard))}
		for j, h := range p.Heard {
			at.Heard[j] = surveyedPoint{Receiver: h.Receiver, GainDB: tenth(h.GainDB), Packets: h.Packets}
		}
		all.Points[i] = at
	}
	all.sum(shop)
	return all
}

func (all *survey) sum(shop *offers.Shop) {
	all.Fit, all.Floors = errorOf("", all.Points), []surveyError{}
	for _, f := range shop.Floors {
		all.Floors = append(all.Floors, errorOf(f.ID, all.Points))
	}
}

// judge fills in what the points say of one another. Each point is looked for
// by a map that was made without it and its neighbours in the list: of five
// points one is left out at a time (cross-validation), of long surveys more, so
// that the error is what shoppers will see and not how well the map remembers.
func (all *survey) judge(shop *offers.Shop) {
	samples := locate.SurveyOf(shop)
	if len(samples) == 0 {
		return
	}
	space, err := locate.NewSpace(shop)
	if err != nil {
		return // nothing of it has a place
	}
	laws := locate.NewRadio(space, samples)
	points := map[offers.ReceiverID]int{}
	for i := range all.Points {
		p := &all.Points[i]
		for j := range p.Heard {
			h := &p.Heard[j]
			points[h.Receiver]++
			if off, ok := laws.Residual(locate.Sample{Receiver: h.Receiver, Floor: p.Floor, At: p.At, GainDB: h.GainDB, Packets: h.Packets}); ok {
				off = tenth(off)
				h.ResidualDB = &off
			}
		}
	}
	for _, r := range shop.Receivers {
		law, _ := laws.Law(r.ID)
		all.Receivers = append(all.Receivers, surveyReceiver{r.ID, points[r.ID], tenth(law.OffsetDB), hundredth(law.Exponent), tenth(law.SpreadDB)})
	}
	if len(all.Points) < surveyFit {
		return
	}
	folds := 5
	if n := len(all.Points); n > 200 {
		folds = 2
	} else if n > 100 {
		folds = 3
	}
	for fold := range folds {
		rest := *shop
		rest.Survey = nil
		for i, p := range shop.Survey {
			if i%folds != fold {
				rest.Survey = append(rest.Survey, p)
			}
		}
		locator := locate.NewLocator(locate.NewRadio(space, locate.SurveyOf(&rest)), locate.Motion{})
		for i := fold; i < len(all.Points); i += folds {
			all.Points[i].find(space, locator)
		}
	}
	all.sum(shop)
}

// find looks for the place by what was heard there.
func (p *surveyPoint) find(space *locate.Space, locator *locate.Locator) {
	const stand = 4 * time.Second // that packets of a stand say, however long it took: they err alike
	var heard []locate.Heard
	for _, h := range p.Heard {
		if i, ok := space.Receiver(h.Receiver); ok {
			heard = append(heard, locate.Heard{Receiver: i, GainDB: h.GainDB, Packets: h.Packets})
		}
	}
	if len(heard) == 0 {
		return
	}
	belief := locator.NewBelief()
	locator.Hear(belief, &locate.Offset{}, heard, stand)
	found := locator.Estimate(belief)
	p.Found = &surveyFound{
		Floor: found.Floor, At: offers.Point{X: centimetre(found.At.X), Y: centimetre(found.At.Y)},
		ErrorM: centimetre(math.Hypot(found.At.X-p.At.X, found.At.Y-p.At.Y)),
	}
}

// errorOf sums up the points of a floor, or of all.
func errorOf(floor offers.FloorID, points []surveyPoint) surveyError {
	e := surveyError{Floor: floor}
	var metres []float64
	for i := range points {
		p := &points[i]
		if floor != "" && p.Floor != floor {
			continue
		}
		e.Points++
		switch {
		case p.Found == nil:
		case p.Found.Floor != p.Floor:
			e.Measured++
			e.WrongFloor++
		default:
			e.Measured++
			metres = append(metres, p.Found.ErrorM)
		}
	}
	if len(metres) > 0 {
		slices.Sort(metres)
		quantile := func(q float64) float64 { return metres[min(int(math.Ceil(q*float64(len(metres)))), len(metres))-1] }
		e.P50M, e.P90M = quantile(.5), quantile(.9)
	}
	return e
}

func tenth(x float64) float64     { return math.Round(x*10) / 10 }
func hundredth(x float64) float64 { return math.Round(x*100) / 100 }

type surveyTag struct {
	Tag      string            `json:"tag"`
	Receiver offers.ReceiverID `json:"receiver"`
	GainDB   float64           `json:"gain_db"`
	Last     time.Time         `json:"last"`
	Canary   bool              `json:"canary"` // it is fixed somewhere: nobody carries it
}

// getSurveyTags asks which tags are heard in the shop, and says which were. Who
// asks again every second sees them come.
func (s *Service) getSurveyTags(c *fiber.Ctx) error {
	ctx, now := c.UserContext(), time.Now()
	shop, err := s.catalog.Shop(ctx, offers.ShopID(param(c, "shop")))
	if err != nil {
		return err
	}
	if err := s.store.AskNear(ctx, now); err != nil {
		return err
	}
	near, looked, err := s.store.Near(ctx, now)
	if err != nil {
		return err
	}
	here := map[offers.ReceiverID]bool{}
	for _, r := range shop.Receivers {
		here[r.ID] = true
	}
	tags := []surveyTag{}
	for _, n := range near {
		if here[n.Receiver] {
			canary := slices.ContainsFunc(shop.Canaries, func(k offers.Canary) bool { return k.Tag == n.Tag })
			tags = append(tags, surveyTag{n.Tag, n.Receiver, tenth(n.GainDB), n.Last.UTC(), canary})
		}
	}
	slices.SortFunc(tags, func(a, b surveyTag) int { return cmp.Or(cmp.Compare(b.GainDB, a.GainDB), cmp.Compare(a.Tag, b.Tag)) })
	return c.JSON(struct {
		Listening bool        `json:"listening"`
		Tags      []surveyTag `json:"tags"`
	}{now.Sub(looked) < surveyListens, tags})
}

type surveyCount struct {
	Receiver offers.ReceiverID `json:"receiver"`
	Packets  int               `json:"packets"`
	GainDB   float64           `json:"gain_db"`
	Last     time.Time         `json:"last"`
}

// getSurveyReadings asks for the packets of a tag and says how many came since,
// receiver by receiver: what counts while somebody stands.
func (s *Service) getSurveyReadings(c *fiber.Ctx) error {
	ctx, now := c.UserContext(), time.Now()
	shop, err := s.catalog.Shop(ctx, offers.ShopID(param(c, "shop")))
	if err != nil {
		return err
	}
	tag := query(c, "tag")
	if err := checkTag(tag); err != nil {
		return err
	}
	since := now
	if text := query(c, "since"); text != "" {
		if since, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return fmt.Errorf("since: %w: want a time as %s", offers.ErrInvalid, now.UTC().Format(time.RFC3339))
		}
		since = later(since, now.Add(-surveyStand))
	}
	if err := s.store.AskTag(ctx, tag, now); err != nil {
		return err
	}
	counts, packets, looked, err := s.counted(ctx, &shop, tag, since, now)
	if err != nil {
		return err
	}
	return c.JSON(struct {
		Now       time.Time     `json:"now"`
		Listening bool          `json:"listening"`
		Packets   int           `json:"packets"`
		Enough    int           `json:"enough"` // packets that it takes
		Receivers []surveyCount `json:"receivers"`
	}{now.UTC(), now.Sub(looked) < surveyListens, packets, surveyPackets, counts})
}

func checkTag(tag string) error {
	if tag == "" || len(tag) > 120 || tag == "*" {
		return fmt.Errorf("tag: %w: choose the tag that you carry", offers.ErrInvalid)
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// counted sums up the packets of a tag that the shop's receivers heard within a
// time, the loudest receivers first.
func (s *Service) counted(ctx context.Context, shop *offers.Shop, tag string, since, until time.Time) (counts []surveyCount, packets int, looked time.Time, err error) {
	readings, looked, err := s.store.Readings(ctx, tag, since)
	if err != nil {
		return nil, 0, looked, err
	}
	gains, last := map[offers.ReceiverID][]float64{}, map[offers.ReceiverID]int64{}
	for _, r := range readings {
		if r.AtMs <= until.UnixMilli() {
			gains[r.Receiver] = append(gains[r.Receiver], r.GainDB)
			last[r.Receiver] = max(last[r.Receiver], r.AtMs)
		}
	}
	counts = []surveyCount{}
	for _, r := range shop.Receivers {
		if of := gains[r.ID]; len(of) > 0 {
			packets += len(of)
			counts = append(counts, surveyCount{r.ID, len(of), tenth(locate.MeanGain(of...)), time.UnixMilli(last[r.ID]).UTC()})
		}
	}
	slices.SortFunc(counts, func(a, b surveyCount) int {
		return cmp.Or(cmp.Compare(b.GainDB, a.GainDB), cmp.Compare(a.Receiver, b.Receiver))
	})
	return counts, packets, looked, nil
}

// addSurveyPoint keeps what was heard of a tag while somebody stood at a place.
// A point that was taken there before is replaced.
func (s *Service) addSurveyPoint(c *fiber.Ctx) error {
	var in struct {
		Tag   string         `json:"tag"`
		Floor offers.FloorID `json:"floor"`
		At    offers.Point   `json:"at"`
		Since time.Time      `json:"since"`
		Until time.Time      `json:"until"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	ctx, now, id := c.UserContext(), time.Now(), offers.ShopID(param(c, "shop"))
	shop, err := s.catalog.Shop(ctx, id)
	if err != nil {
		return err
	}
	if in.Until.IsZero() || in.Until.After(now) {
		in.Until = now
	}
	var wrong fieldErrors
	at := slices.IndexFunc(shop.Floors, func(f offers.Floor) bool { return f.ID == in.Floor })
	wrong.add(checkTag(in.Tag) == nil, "choose the tag that you carry", "tag")
	wrong.add(at >= 0, "there is no such floor", "floor")
	wrong.add(at < 0 || within(shop.Floors[at], in.At), "lies outside of the floor", "at")
	wrong.add(in.Since.Before(in.Until), "is when you began to stand there", "since")
	wrong.add(!in.Since.Before(now.Add(-surveyStand)), "is more than three minutes ago: stand there once more", "since")
	if err := wrong.err(); err != nil {
		return err
	}
	counts, packets, looked, err := s.counted(ctx, &shop, in.Tag, in.Since, in.Until)
	if err != nil {
		return err
	}
	switch {
	case packets == 0 && now.Sub(looked) >= surveyListens:
		return fmt.Errorf("survey: %w: nobody listens to the gateways: see whether Aisle's door for gateways runs", offers.ErrUnavailable)
	case packets < surveyPackets:
		return fieldErrors{{"since", fmt.Sprintf("%d packets were heard, and it takes %d: stand longer, or see that the tag is on", packets, surveyPackets)}}
	}
	point := offers.SurveyPoint{Floor: in.Floor, At: offers.Point{X: centimetre(in.At.X), Y: centimetre(in.At.Y)}, Taken: in.Until.UTC().Truncate(time.Second)}
	for _, n := range counts[:min(len(counts), surveyHeard)] {
		point.Heard = append(point.Heard, offers.Surveyed{Receiver: n.Receiver, GainDB: n.GainDB, Packets: n.Packets})
	}
	return s.changeSurvey(c, func(points []offers.SurveyPoint) ([]offers.SurveyPoint, error) {
		points = slices.DeleteFunc(points, near(in.Floor, in.At, surveySame))
		if len(points) >= surveyMost {
			return nil, fmt.Errorf("survey: %w: there are %d points, as many as a shop may have: remove some", offers.ErrConflict, len(points))
		}
		return append(points, point), nil
	})
}

func near(floor offers.FloorID, at offers.Point, metres float64) func(offers.SurveyPoint) bool {
	return func(p offers.SurveyPoint) bool {
		return p.Floor == floor && math.Hypot(p.At.X-at.X, p.At.Y-at.Y) < metres
	}
}

// forgetSurvey removes the point at a place of a floor, or all of the floor's.
func (s *Service) forgetSurvey(c *fiber.Ctx) error {
	floor := offers.FloorID(query(c, "floor"))
	if floor == "" {
		return fmt.Errorf("floor: %w: say which", offers.ErrInvalid)
	}
	gone := func(p offers.SurveyPoint) bool { return p.Floor == floor }
	if x, y := query(c, "x"), query(c, "y"); x != "" || y != "" {
		var at offers.Point
		var err, other error
		at.X, err = strconv.ParseFloat(x, 64)
		at.Y, other = strconv.ParseFloat(y, 64)
		if err != nil || other != nil {
			return fmt.Errorf("x, y: %w: want metres", offers.ErrInvalid)
		}
		gone = near(floor, at, 0.01)
	}
	return s.changeSurvey(c, func(points []offers.SurveyPoint) ([]offers.SurveyPoint, error) {
		return slices.DeleteFunc(points, gone), nil
	})
}

// changeSurvey keeps another survey of a shop, and answers with it, without how
// good it is: who stands in the shop does not wait for that.
func (s *Service) changeSurvey(c *fiber.Ctx, change func([]offers.SurveyPoint) ([]offers.SurveyPoint, error)) error {
	kept, err := s.catalog.ChangeShop(c.UserContext(), offers.ShopID(param(c, "shop")), by(c), func(was *offers.Shop) (offers.Shop, error) {
		if was == nil {
			return offers.Shop{}, offers.ErrNotFound
		}
		now := *was
		var err error
		now.Survey, err = change(was.Survey)
		return now, err
	})
	if err != nil {
		return err
	}
	s.tell(c.UserContext())
	return c.JSON(surveyOf(&kept))
}

// shopHealth is how a shop's devices and zones do.
type shopHealth struct {
	Devices  []deviceHealth `json:"devices"`
	Measured time.Time      `json:"measured,omitzero"` // when the canaries last said something
	Zones    []zoneHealth   `json:"zones"`             // that have a canary
}

type zoneHealth struct {
	Zone       offers.ZoneID     `json:"zone"`
	Canaries   int               `json:"canaries"`
	Errors     int               `json:"errors"`
	P50M       float64           `json:"p50_m"`
	P95M       float64           `json:"p95_m"`
	WrongFloor float64           `json:"wrong_floor"`
	WidthM     float64           `json:"width_m"`
	Held       bool              `json:"held"`
	Why        string            `json:"why,omitempty"`
	Mend       offers.ReceiverID `json:"mend,omitempty"`
	What       string            `json:"what,omitempty"`
}

func (s *Service) getShopHealth(c *fiber.Ctx) error {
	ctx, now := c.UserContext(), time.Now()
	shop, err := s.catalog.Shop(ctx, offers.ShopID(param(c, "shop")))
	if err != nil {
		return err
	}
	zones, _, err := s.store.Zones(ctx, shop.ID)
	if err != nil {
		return err
	}
	health := shopHealth{Devices: s.floor.devices(&shop, s.figures.devices(ctx, s, now), now), Zones: []zoneHealth{}}
	receivers, err := s.store.Receivers(ctx)
	if err != nil {
		return err
	}
	for i := range health.Devices {
		d := &health.Devices[i]
		if r, ok := receivers[offers.ReceiverID(d.ID)]; ok && d.Kind == "receiver" {
			d.receiverHealth = &receiverHealth{hundredth(r.PacketsPerS), r.AheadMs, r.Status, r.Firmware}
			if d.Health == "lost" { // what it was then
				d.PacketsPerS = 0
			}
		}
	}
	if !zones.At.IsZero() {
		health.Measured = zones.At.UTC()
	}
	for _, z := range zones.Zones {
		if _, there := shop.Zone(z.Zone); there {
			health.Zones = append(health.Zones, zoneHealth{z.Zone, z.Canaries, z.Errors, hundredth(z.P50M), hundredth(z.P95M), hundredth(z.WrongFloor),
				hundredth(z.WidthM), z.Held, z.Why, z.Mend, z.What})
		}
	}
	return c.JSON(health)
}

// devices are how a shop's devices do.
func (f *floor) devices(shop *offers.Shop, reported map[state.Device]time.Time, now time.Time) []deviceHealth {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.of(shop.ID).health(shop, reported, now)
}
