package stripesim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// deliver brings one event to the receiver, trying again while it is down.
func (o *outbox) deliver(ev travel) {
	if !o.pause(ev.delay) {
		return
	}
	wait := o.policy.Backoff
	for attempt := 1; ; attempt++ {
		err := o.post(ev.Event)
		if err == nil {
			break
		}
		if attempt == o.policy.Attempts {
			o.log.Warn("stripe stand-in gives a webhook up", "event", ev.ID, "type", ev.Type, "attempts", attempt, "error", err)
			break
		}
		if !o.pause(wait) {
			return // stays pending for the next run
		}
		wait = min(2*wait, o.policy.MaxBackoff)
	}
	for range ev.copies {
		_ = o.post(ev.Event) // an extra copy is owed to nobody
	}
	o.delivered(ev.ID)
}

// pause waits; it is false when the outbox closed meanwhile.
func (o *outbox) pause(d time.Duration) bool {
	if d <= 0 {
		return o.ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-o.ctx.Done():
		return false
	}
}

// post makes one attempt, signed at this moment.
func (o *outbox) post(ev Event) error {
	url, secret := o.target()
	if url == "" {
		return nil
	}
	payload, err := json.MarshalIndent(ev, "", "  ")
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	ctx, cancel := context.WithTimeout(o.ctx, o.policy.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(payload))
	if err != nil {
		return fmt.Errorf("make webhook request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Stripe/1.0 (stand-in)")
	req.Header.Set("Stripe-Signature", Signature(payload, secret, o.now()))
	resp, err := o.client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("receiver answered %d", resp.StatusCode)
	}
	return nil
}

// Signature is the Stripe-Signature header of payload, signed with secret at the given
// time (docs.stripe.com/webhooks#verify-manually).
func Signature(payload []byte, secret string, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = fmt.Fprintf(mac, "%d.", at.Unix())
	_, _ = mac.Write(payload)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}
