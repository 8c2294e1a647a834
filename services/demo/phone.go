package demo

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"time"

	"github.com/google/uuid"

	"aisle/offers"
	"aisle/vision/drawn"
)

// join is what a person does once in the shopper's app: open their personal
// link, answer each consent, and show their face if they agreed to that.
func (d *demo) join(ctx context.Context, p person, phone *caller, enrolling chan struct{}) error {
	link, err := d.personalLink(ctx, p)
	if err != nil {
		return err
	}
	var me struct{ Face struct{ Enrolled bool } }
	if err := phone.call(ctx, "POST", "/api/me/session", map[string]string{"token": link}, &me); err != nil {
		return err
	}
	for _, purpose := range p.consents {
		if err := phone.call(ctx, "PUT", "/api/me/consents/"+string(purpose), map[string]bool{"granted": true}, nil); err != nil {
			return err
		}
	}
	if p.face == 0 || !d.Vision || me.Face.Enrolled {
		return nil
	}
	select {
	case enrolling <- struct{}{}:
		defer func() { <-enrolling }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return d.enrol(ctx, p, phone)
}

// personalLink is what the shop's desk hands out. The house knows the person
// as soon as the web shop has told of them, a moment after it was sent.
func (d *demo) personalLink(ctx context.Context, p person) (string, error) {
	for try := 0; ; try++ {
		var link struct{ Token string }
		err := d.marketer.call(ctx, "POST", "/api/people/"+string(p.shopper())+"/link", nil, &link)
		if statusOf(err) != 404 || try == 40 {
			return link.Token, err
		}
		if err := sleep(ctx, 250*time.Millisecond); err != nil {
			return "", err
		}
	}
}

// enrol signs the notice and sends three drawn portraits, as the guided capture
// of the app does. The cameras' process may still be starting.
func (d *demo) enrol(ctx context.Context, p person, phone *caller) error {
	var notice struct{ Language, SHA256 string }
	if err := phone.call(ctx, "GET", "/api/me/recognition/notice?language=en", nil, &notice); err != nil {
		return err
	}
	signature := map[string]string{"language": notice.Language, "sha256": notice.SHA256, "name": p.name}
	if err := phone.call(ctx, "POST", "/api/me/recognition/consent", signature, nil); err != nil {
		return err
	}
	var pass struct{ Token, Upload string }
	if err := phone.call(ctx, "POST", "/api/me/enrolment-token", nil, &pass); err != nil {
		return err
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	if err := w.WriteField("token", pass.Token); err != nil {
		return err
	}
	for i, portrait := range drawn.Portraits(p.face, 3) {
		jpeg, err := drawn.JPEG(portrait)
		if err != nil {
			return err
		}
		part, err := w.CreateFormFile("image", fmt.Sprintf("%d.jpg", i+1))
		if err != nil {
			return err
		}
		if _, err := part.Write(jpeg); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	for try := 0; ; try++ {
		err := phone.send(ctx, "POST", pass.Upload, w.FormDataContentType(), bytes.NewReader(form.Bytes()), nil)
		if statusOf(err) != 503 || try == 30 {
			return err
		}
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

// pay redeems the newest offer on the phone at the till, if there is one that
// is still good.
func (d *demo) pay(ctx context.Context, phone *caller, bought interest) error {
	var inbox struct{ Offers []offers.Inbox }
	if err := phone.call(ctx, "GET", "/api/me/offers", nil, &inbox); err != nil {
		return err
	}
	for _, o := range inbox.Offers {
		if !o.Redeemed.IsZero() || o.Expires.Before(time.Now()) {
			continue
		}
		return d.till.call(ctx, "POST", "/v1/redemptions", map[string]any{
			"code": o.Code, "shop": d.shop.ID, "till": "till-2", "transaction": uuid.NewString(),
			"basket": offers.Money{Minor: bought.priceMinor, Currency: "EUR"},
		}, nil)
	}
	return nil
}

// basic is a write key as Segment's clients send it.
func basic(key string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"))
}
