package stripesim

import (
	"cmp"
	"encoding/json"
	"fmt"
)

// record adds an event about object as it is now and sends it on its way. The caller
// holds the lock, so events are delivered in the order things happened.
func (s *Server) record(c *call, eventType string, object any) Event {
	snapshot, err := json.Marshal(object)
	if err != nil { // our own types always encode
		snapshot = []byte("null")
	}
	ev := &Event{
		ID: newID("evt_"), Object: "event", APIVersion: cmp.Or(s.eventVersion, APIVersion), Created: c.now.Unix(),
		Data: EventData{Object: snapshot}, Request: eventRequest(c), Type: eventType,
	}
	if s.outbox.listening() {
		ev.PendingWebhooks = 1
	}
	s.state.Events.add(ev)
	s.outbox.add(*ev)
	s.snapshots.changed()
	return *ev
}

func eventRequest(c *call) EventRequest {
	var r EventRequest
	if c.requestID != "" {
		r.ID = &c.requestID
	}
	if c.key != "" {
		r.IdempotencyKey = &c.key
	}
	return r
}

// Emit records and delivers an event of any type about an object as it is now, as if
// it happened (again). It fails when no object has the id.
func (s *Server) Emit(eventType, objectID string) (Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	object := s.object(objectID)
	if object == nil {
		return Event{}, fmt.Errorf("emit %s: no object %s", eventType, objectID)
	}
	return s.record(s.control(), eventType, object), nil
}

// EmitObject records and delivers a properly signed event about whatever object says:
// how a test tells of an amount, currency or intent that never was.
func (s *Server) EmitObject(eventType string, object any) Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.record(s.control(), eventType, object)
}

// Resend delivers a recorded event once more, as the Dashboard can.
func (s *Server) Resend(eventID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ev := s.state.Events.get(eventID)
	if ev == nil {
		return fmt.Errorf("resend: no event %s", eventID)
	}
	s.outbox.add(*ev)
	return nil
}
