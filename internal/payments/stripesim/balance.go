package stripesim

// balance is what the account would hold, were Stripe free of charge.
type balance struct {
	Object    string          `json:"object"`
	Available []balanceAmount `json:"available"`
	Livemode  bool            `json:"livemode"`
	Pending   []balanceAmount `json:"pending"`
}

type balanceAmount struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

func (s *Server) getBalance(*call) (any, *apiError) {
	b := balance{Object: "balance", Available: []balanceAmount{}, Pending: []balanceAmount{}}
	for currency, totals := range s.totals() {
		b.Available = append(b.Available, balanceAmount{Amount: totals.Captured - totals.Refunded - totals.Disputed, Currency: currency})
	}
	return b, nil
}

// Totals is the oracle's view of one currency, in minor units.
type Totals struct {
	// Captured is what customers really paid.
	Captured int64
	// Refunded is what went or is going back to them.
	Refunded int64
	// Disputed is what banks took because of disputes, without what they gave back again.
	Disputed int64
	// Held is authorised and not yet captured.
	Held int64
}

// Totals sums every charge and refund by currency ("usd").
func (s *Server) Totals() map[string]Totals {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.totals()
}

func (s *Server) totals() map[string]Totals {
	all := map[string]Totals{}
	for _, ch := range s.state.Charges.items {
		t := all[ch.Currency]
		t.Captured += ch.AmountCaptured
		all[ch.Currency] = t
	}
	for _, in := range s.state.Intents.items {
		t := all[in.Currency]
		t.Held += in.AmountCapturable
		all[in.Currency] = t
	}
	for _, re := range s.state.Refunds.items {
		if !re.over() && !re.OfHold {
			t := all[re.Currency]
			t.Refunded += re.Amount
			all[re.Currency] = t
		}
	}
	for _, d := range s.state.Disputes.items {
		t := all[d.Currency]
		t.Disputed += d.taken()
		all[d.Currency] = t
	}
	return all
}
