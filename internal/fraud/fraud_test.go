package fraud_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/fraud"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// rig is a shop's fraud service with a clock of its own.
type rig struct {
	*fraud.Service
	db    *postgres.DB
	later *atomic.Int64
	tries *atomic.Int64
}

func setup(t *testing.T, rules fraud.Rules) rig {
	t.Helper()
	r := rig{db: pgtest.New(t), later: &atomic.Int64{}, tries: &atomic.Int64{}}
	if rules.Window == 0 {
		rules.Window = time.Hour
	}
	r.Service = fraud.New(fraud.Config{DB: r.db, Rules: rules, Secret: []byte("a secret of tests"), Now: func() time.Time {
		return time.Now().Add(time.Duration(r.later.Load())).Truncate(time.Microsecond)
	}})
	return r
}

func (r rig) pass(d time.Duration) { r.later.Add(int64(d)) }

// try is one that has nothing in common with any other, but for what same says.
func (r rig) try(same ...func(*fraud.Try)) fraud.Try {
	i := r.tries.Add(1)
	try := fraud.Try{
		ID: uuid.Must(uuid.NewV7()), Payment: uuid.Must(uuid.NewV7()), Method: fmt.Sprintf("pm_%d", i),
		Who: fraud.Who{
			Session: uuid.Must(uuid.NewV7()), Address: fmt.Sprintf("198.18.%d.%d", i>>8, i&255),
			Email: fmt.Sprintf("customer-%d@example.com", i),
		},
	}
	for _, change := range same {
		change(&try)
	}
	return try
}

func (r rig) admit(t testing.TB, try fraud.Try) (verdict fraud.Verdict) {
	t.Helper()
	require.NoError(t, r.RefreshSurge(context.Background()))
	require.NoError(t, r.db.InTx(context.Background(), func(ctx context.Context, tx pgx.Tx) (err error) {
		verdict, err = r.AdmitTx(ctx, tx, try)
		return err
	}))
	return verdict
}

func (r rig) conclude(t testing.TB, who fraud.Who, news fraud.News) (verdict fraud.Verdict) {
	t.Helper()
	require.NoError(t, r.db.InTx(context.Background(), func(ctx context.Context, tx pgx.Tx) (err error) {
		verdict, err = r.ConcludeTx(ctx, tx, who, news)
		return err
	}))
	return verdict
}

// news is what a bank says of a try; its card is as unique as its method.
func news(try fraud.Try, paid bool) fraud.News {
	return fraud.News{
		Payment: try.Payment, Paid: paid, Charge: "ch_" + try.ID.String(), Method: try.Method, Fingerprint: "card of " + try.Method,
	}
}

func (r rig) declined(t testing.TB, try fraud.Try) fraud.Verdict {
	t.Helper()
	require.Equal(t, fraud.Allow, r.admit(t, try).Decision)
	return r.conclude(t, try.Who, news(try, false))
}

var session = uuid.Must(uuid.NewV7())

// What two tries can have in common.
func fromOneAddress(try *fraud.Try) { try.Address = "203.0.113.7" }
func forOneEmail(try *fraud.Try)    { try.Email = "Victim@Example.com" }
func inOneSession(try *fraud.Try)   { try.Session = session }
func withOneCard(try *fraud.Try)    { try.Method = "pm_same" }
func askingForASecret(try *fraud.Try) {
	try.Method, try.ID = "", try.Payment
}

func TestEachRuleStopsWhatItIsAbout(t *testing.T) {
	t.Parallel()
	for reason, c := range map[string]struct {
		rules fraud.Rules
		same  []func(*fraud.Try)
	}{
		"declines_per_ip":      {fraud.Rules{DeclinesPerAddress: 3}, []func(*fraud.Try){fromOneAddress}},
		"declines_per_email":   {fraud.Rules{DeclinesPerEmail: 3}, []func(*fraud.Try){forOneEmail}},
		"declines_per_session": {fraud.Rules{DeclinesPerSession: 3}, []func(*fraud.Try){inOneSession}},
		"declines_per_card":    {fraud.Rules{DeclinesPerCard: 3}, []func(*fraud.Try){withOneCard}},
		"cards_per_ip":         {fraud.Rules{CardsPerAddress: 3}, []func(*fraud.Try){fromOneAddress}},
		"cards_per_email":      {fraud.Rules{CardsPerEmail: 3}, []func(*fraud.Try){forOneEmail}},
		"cards_per_session":    {fraud.Rules{CardsPerSession: 3}, []func(*fraud.Try){inOneSession}},
		"emails_per_card":      {fraud.Rules{EmailsPerCard: 3}, []func(*fraud.Try){withOneCard}},
		"intents_per_ip":       {fraud.Rules{IntentsPerAddress: 3}, []func(*fraud.Try){fromOneAddress, askingForASecret}},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			with, without := setup(t, c.rules), setup(t, fraud.Rules{})
			for _, r := range []rig{with, without} {
				for range 3 {
					try := r.try(c.same...)
					require.Equal(t, fraud.Allow, r.admit(t, try).Decision)
					if try.Method != "" {
						r.conclude(t, try.Who, news(try, false))
					}
				}
			}
			require.Equal(t, fraud.Verdict{Decision: fraud.Block, Reasons: []string{reason}}, with.admit(t, with.try(c.same...)))
			require.Equal(t, fraud.Allow, with.admit(t, with.try()).Decision, "who has nothing to do with it")
			require.Equal(t, fraud.Allow, without.admit(t, without.try(c.same...)).Decision, "without the rule")
			with.pass(time.Hour)
			require.Equal(t, fraud.Allow, with.admit(t, with.try(c.same...)).Decision, "after the window")
		})
	}
}

func TestASurgeOfDeclinesHalvesWhatIsAllowed(t *testing.T) {
	t.Parallel()
	surge := fraud.Surge{Window: 10 * time.Minute, Share: 50, Tries: 8}
	for name, c := range map[string]struct {
		surge   fraud.Surge
		allowed int
	}{"with the rule": {surge, 2}, "without it": {fraud.Surge{}, 4}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setup(t, fraud.Rules{DeclinesPerAddress: 4, Surge: c.surge})
			for range 8 {
				r.declined(t, r.try())
			}
			r.pass(11 * time.Second) // it is not looked for all the time
			for range c.allowed {
				r.declined(t, r.try(fromOneAddress))
			}
			refused := r.admit(t, r.try(fromOneAddress))
			require.True(t, refused.Blocked())
			require.Equal(t, c.surge.Share > 0, len(refused.Reasons) == 2, refused.Reasons)
			r.pass(11 * time.Minute)
			require.Equal(t, c.surge.Share > 0, !r.admit(t, r.try(fromOneAddress)).Blocked(), "when it is over")
		})
	}
}

func TestHoweverManyTryAtOnceNoMoreGetThrough(t *testing.T) {
	t.Parallel()
	const bots, allowed = 300, 7
	for name, c := range map[string]struct {
		rules fraud.Rules
		same  func(*fraud.Try)
	}{
		"from one address": {fraud.Rules{DeclinesPerAddress: allowed}, fromOneAddress},
		"for one e-mail":   {fraud.Rules{DeclinesPerEmail: allowed}, forOneEmail},
		"in one session":   {fraud.Rules{DeclinesPerSession: allowed}, inOneSession},
		"cards":            {fraud.Rules{CardsPerAddress: allowed}, fromOneAddress},
		"client secrets":   {fraud.Rules{IntentsPerAddress: allowed}, func(try *fraud.Try) { fromOneAddress(try); askingForASecret(try) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setup(t, c.rules)
			var through atomic.Int32
			var together sync.WaitGroup
			for range bots {
				together.Go(func() {
					if !r.admit(t, r.try(c.same)).Blocked() {
						through.Add(1)
					}
				})
			}
			together.Wait()
			require.EqualValues(t, allowed, through.Load())
		})
	}
}

func TestATryUnderWayCountsUntilNothingCameOfIt(t *testing.T) {
	t.Parallel()
	r := setup(t, fraud.Rules{DeclinesPerAddress: 1})
	first := r.try(fromOneAddress)
	require.False(t, r.admit(t, first).Blocked())
	require.True(t, r.admit(t, r.try(fromOneAddress)).Blocked())
	require.NoError(t, r.db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error { return r.VoidTx(ctx, tx, first.ID) }))
	second := r.try(fromOneAddress)
	require.False(t, r.admit(t, second).Blocked())
	r.conclude(t, second.Who, news(second, true))
	require.False(t, r.admit(t, r.try(fromOneAddress)).Blocked(), "what was paid is no decline")
}

func TestACardThatPaidDoesNotCountForItsAddress(t *testing.T) {
	t.Parallel()
	r := setup(t, fraud.Rules{CardsPerAddress: 2, IntentsPerAddress: 2, DeclinesPerAddress: 2})
	for range 5 {
		ask := r.try(fromOneAddress, askingForASecret)
		require.False(t, r.admit(t, ask).Blocked())
		r.conclude(t, ask.Who, fraud.News{Payment: ask.Payment, Paid: true, Charge: "ch_" + ask.ID.String(), Method: "pm_" + ask.ID.String(), Fingerprint: ask.ID.String()})
	}
}

func TestWhoeverAsksForTheSameSecretAgainTriesOnce(t *testing.T) {
	t.Parallel()
	r := setup(t, fraud.Rules{IntentsPerAddress: 1})
	ask := r.try(fromOneAddress, askingForASecret)
	for range 3 {
		require.False(t, r.admit(t, ask).Blocked())
	}
	require.True(t, r.admit(t, r.try(fromOneAddress, askingForASecret)).Blocked())
}

func TestNewsOfAChargeCountsOnce(t *testing.T) {
	t.Parallel()
	r := setup(t, fraud.Rules{DeclinesPerSession: 2})
	try := r.try()
	require.False(t, r.admit(t, try).Blocked())
	for range 5 {
		require.Equal(t, fraud.Allow, r.conclude(t, try.Who, news(try, false)).Decision)
	}
	next := r.try(func(next *fraud.Try) { next.Session, next.Payment = try.Session, try.Payment })
	require.False(t, r.admit(t, next).Blocked())
	r.conclude(t, try.Who, news(try, false)) // late, and not of the try that is under way
	require.Equal(t, fraud.Allow, r.conclude(t, next.Who, news(next, true)).Decision, "one decline, and one that paid")
}

func TestATryPastTheShopCountsForWhoeverHasTheSecret(t *testing.T) {
	t.Parallel()
	r := setup(t, fraud.Rules{DeclinesPerAddress: 3})
	ask := r.try(fromOneAddress, askingForASecret)
	require.False(t, r.admit(t, ask).Blocked())
	var last fraud.Verdict
	for i := range 3 {
		last = r.conclude(t, fraud.Who{Session: ask.Session, Email: ask.Email}, fraud.News{
			Payment: ask.Payment, Charge: fmt.Sprintf("ch_%d", i), Method: fmt.Sprintf("pm_%d", i), Fingerprint: fmt.Sprint(i),
		})
	}
	require.Equal(t, fraud.Verdict{Decision: fraud.Block, Reasons: []string{"declines_per_ip"}}, last)
	require.True(t, r.admit(t, r.try(fromOneAddress)).Blocked())
}

func TestWhatTheProviderFoundIsJudgedByTheRules(t *testing.T) {
	t.Parallel()
	strict := fraud.Rules{HoldRisk: fraud.Elevated, BlockRisk: fraud.Highest, HoldChecks: []fraud.Check{fraud.CVC, fraud.PostalCode, fraud.Line1}}
	for name, c := range map[string]struct {
		signals fraud.Signals
		want    fraud.Verdict
	}{
		"nothing":     {fraud.Signals{}, fraud.Verdict{Decision: fraud.Allow}},
		"all well":    {fraud.Signals{Risk: "normal", Outcome: "authorized", CVCCheck: "pass", PostalCodeCheck: "unavailable", Line1Check: "unchecked"}, fraud.Verdict{Decision: fraud.Allow}},
		"elevated":    {fraud.Signals{Risk: fraud.Elevated}, fraud.Verdict{Decision: fraud.Hold, Reasons: []string{"risk_elevated"}}},
		"highest":     {fraud.Signals{Risk: fraud.Highest}, fraud.Verdict{Decision: fraud.Block, Reasons: []string{"risk_highest"}}},
		"review":      {fraud.Signals{Outcome: "manual_review"}, fraud.Verdict{Decision: fraud.Hold, Reasons: []string{"stripe_review"}}},
		"cvc":         {fraud.Signals{CVCCheck: "fail"}, fraud.Verdict{Decision: fraud.Hold, Reasons: []string{"cvc_failed"}}},
		"postal code": {fraud.Signals{PostalCodeCheck: "fail"}, fraud.Verdict{Decision: fraud.Hold, Reasons: []string{"postal_code_failed"}}},
		"line 1":      {fraud.Signals{Line1Check: "fail"}, fraud.Verdict{Decision: fraud.Hold, Reasons: []string{"line1_failed"}}},
		"several": {fraud.Signals{Risk: fraud.Highest, CVCCheck: "fail", PostalCodeCheck: "fail"},
			fraud.Verdict{Decision: fraud.Block, Reasons: []string{"cvc_failed", "postal_code_failed", "risk_highest"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for rules, want := range map[*fraud.Rules]fraud.Verdict{&strict: c.want, {HoldRisk: fraud.Never, BlockRisk: fraud.Never}: {Decision: fraud.Allow}} {
				r := setup(t, *rules)
				try := r.try()
				require.False(t, r.admit(t, try).Blocked())
				paid := news(try, true)
				paid.Signals = c.signals
				got := r.conclude(t, try.Who, paid)
				if rules != &strict && c.signals.Outcome == "manual_review" {
					continue // that Stripe wants a person to look is Stripe's rule
				}
				require.Equal(t, want, got)
			}
		})
	}
}

func TestAPaymentAfterTooManyDeclinesIsHeld(t *testing.T) {
	t.Parallel()
	r := setup(t, fraud.Rules{DeclinesPerSession: 2})
	ask := r.try(askingForASecret)
	require.False(t, r.admit(t, ask).Blocked())
	past := func(i int, paid bool) fraud.Verdict {
		return r.conclude(t, ask.Who, fraud.News{Payment: ask.Payment, Paid: paid, Charge: fmt.Sprintf("ch_%d", i), Method: fmt.Sprintf("pm_%d", i)})
	}
	require.Equal(t, fraud.Allow, past(1, false).Decision)
	require.Equal(t, fraud.Block, past(2, false).Decision)
	require.Equal(t, fraud.Verdict{Decision: fraud.Hold, Reasons: []string{"declines_per_session"}}, past(3, true), "it was faster than we")
}

func TestWhoTriedCannotBeRead(t *testing.T) {
	t.Parallel()
	r := setup(t, fraud.Rules{})
	try := r.try(fromOneAddress, forOneEmail)
	r.declined(t, try)
	var row string
	require.NoError(t, r.db.QueryRow(t.Context(), "SELECT t::text || convert_from(address_hash || email_hash, 'LATIN1') FROM payment_tries t").Scan(&row))
	for _, secret := range []string{"203.0.113.7", "ictim", "xample.com", "card of"} {
		require.NotContains(t, row, secret)
	}
}

func TestTriesAreForgottenAfterTheLongestWindow(t *testing.T) {
	t.Parallel()
	r := setup(t, fraud.Rules{Surge: fraud.Surge{Window: 2 * time.Hour}})
	r.declined(t, r.try())
	kept := func() (n int) {
		require.NoError(t, r.Prune(t.Context(), fraud.Prune{}))
		require.NoError(t, r.db.QueryRow(t.Context(), "SELECT count(*) FROM payment_tries").Scan(&n))
		return n
	}
	r.pass(90 * time.Minute)
	require.Equal(t, 1, kept())
	r.pass(time.Hour)
	require.Zero(t, kept())
}

func TestTriesOfOneAddressCountTogetherHoweverItIsSpelt(t *testing.T) {
	t.Parallel()
	r := setup(t, fraud.Rules{DeclinesPerEmail: 3})
	spelt := func(address string) func(*fraud.Try) { return func(try *fraud.Try) { try.Email = address } }
	for _, address := range []string{"user@m\u00fcnchen.example", "USER@mu\u0308nchen.example", "user@xn--mnchen-3ya.EXAMPLE"} {
		try := r.try(spelt(address))
		require.Equal(t, fraud.Allow, r.admit(t, try).Decision)
		r.conclude(t, try.Who, news(try, false))
	}
	require.Equal(t, fraud.Block, r.admit(t, r.try(spelt("User@M\u00dcNCHEN.example"))).Decision)
	require.Equal(t, fraud.Allow, r.admit(t, r.try(spelt("u\u017fer@m\u00fcnchen.example"))).Decision, "another mailbox")
}
