package stripesim

import "encoding/json"

// Event is one entry of the event log and the body of one webhook.
type Event struct {
	ID              string       `json:"id"`
	Object          string       `json:"object"`
	APIVersion      string       `json:"api_version"`
	Created         int64        `json:"created"`
	Data            EventData    `json:"data"`
	Livemode        bool         `json:"livemode"`
	PendingWebhooks int64        `json:"pending_webhooks"`
	Request         EventRequest `json:"request"`
	Type            string       `json:"type"`
}

// EventData holds the object as it was when the event happened.
type EventData struct {
	Object json.RawMessage `json:"object"`
}

// EventRequest names the API request behind an event; both are null when a customer
// or a bank caused it.
type EventRequest struct {
	ID             *string `json:"id"`
	IdempotencyKey *string `json:"idempotency_key"`
}
