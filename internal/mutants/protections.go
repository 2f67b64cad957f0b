package main

// protection is what keeps one promise, what to cut so that it does not, and the tests that are to notice.
type protection struct {
	name  string
	cuts  []cut
	tests tests
}

// cut replaces a text that stands once in a file.
type cut struct{ file, was, is string }

// tests are some of one room.
type tests struct {
	room  *room
	names []string
}

// room is a package, with the flags that its tests are run with.
type room struct {
	path  string
	flags []string
}

// What a mutant did wrong is nothing that the code as it is has to be tried with ever after.
var keepNothing = []string{"-rapid.nofailfile"}

var (
	checkout    = &room{"./internal/checkout", keepNothing}
	stripe      = &room{"./internal/payments/stripe", nil}
	inventory   = &room{"./internal/inventory", keepNothing}
	idempotency = &room{"./internal/idempotency", nil}
)

var protections = []protection{
	{
		"stock is taken only where there is enough",
		[]cut{{
			"gen/db/inventory.sql.go",
			"      AND held.available - held.quantity >= CASE WHEN held.allow_backorder THEN -1000000000 ELSE 0 END\n", "",
		}},
		tests{checkout, []string{"TestTwoHundredBuyersOfFiftyUnitsGetFifty"}},
	},
	{
		"no change by hand takes what open orders hold",
		[]cut{{"internal/inventory/adjust.go", "\tcase wanted < onHand && wanted < least:\n", "\tcase false:\n"}},
		tests{inventory, []string{"TestWhateverHappensLevelLedgerReservationsAndEventsAgree"}},
	},
	{
		"no more of a line is moved than it has",
		[]cut{{
			"gen/db/fulfillments.sql.go",
			"  AND i.cancelled_quantity + w.cancelled + i.refunded_quantity + w.refunded + i.fulfilled_quantity + w.fulfilled <= i.quantity\n", "",
		}, {
			"migrations/00060_line_accounts.sql",
			"        AND cancelled_quantity + refunded_quantity + fulfilled_quantity <= quantity),", "        AND true),",
		}},
		tests{checkout, []string{"TestWhateverHappensToAnOrderItsUnitsAddUp"}},
	},
	{
		"levels are locked in one order",
		[]cut{{
			"gen/db/inventory.sql.go",
			"    WHERE s.variant_id = ANY ($5::uuid[])\n    ORDER BY s.variant_id\n",
			"    WHERE s.variant_id = ANY ($5::uuid[])\n    ORDER BY random()\n",
		}},
		tests{checkout, []string{"TestSixtyFourBuyersOfOverlappingCartsSellAllThereIs"}},
	},
	{
		"a cart becomes one order",
		[]cut{
			{"gen/db/carts.sql.go", "  AND (user_id IS NULL OR user_id = $2::uuid)\nFOR UPDATE\n", "  AND (user_id IS NULL OR user_id = $2::uuid)\n"},
			{"migrations/00005_orders.sql", "    CONSTRAINT orders_one_per_cart UNIQUE (cart_id),\n", ""},
		},
		tests{checkout, []string{"TestACartPlacedFiftyTimesAtOnceIsOneOrder"}},
	},
	{
		"an order is changed by one at a time",
		[]cut{
			{"gen/db/orders.sql.go", "FROM orders\nWHERE id = $1\nFOR UPDATE\n", "FROM orders\nWHERE id = $1\n"},
			{"gen/db/orders.sql.go", "AND $4::bytea = ANY (token_hashes)))\nFOR UPDATE\n", "AND $4::bytea = ANY (token_hashes)))\n"},
		},
		tests{checkout, []string{"TestTenWhoSendAtOnceTakeTheMoneyOnce", "TestAReturnIsReceivedAndRefundedOnceHoweverManyDoSo"}},
	},
	{
		"an event takes effect once",
		[]cut{{"gen/db/payments.sql.go", "ON CONFLICT (id) DO NOTHING\n`\n\ntype WebhookEventCreateParams", "ON CONFLICT (id) DO UPDATE SET source = excluded.source\n`\n\ntype WebhookEventCreateParams"}},
		tests{checkout, []string{"TestAnEventIsTakenOnceWhateverItSaysLater"}},
	},
	{
		"a charge is asked for under a key made from its attempt",
		[]cut{{"internal/payments/stripe/intents.go", `"confirm:"+confirmation.AttemptID.String()`, `"confirm:"+uuid.NewString()`}},
		tests{stripe, []string{"TestKeysDeriveFromOurRowsAndSoDoNotChangeOnRepetition"}},
	},
	{
		"an intent is asked for under a key made from its payment",
		[]cut{{"internal/payments/stripe/intents.go", `"intent:"+intent.PaymentID.String()`, `"intent:"+uuid.NewString()`}},
		tests{checkout, []string{"TestALostIntentIsFoundAgainUnderItsKey", "TestTenShoppersAskingForTheSecretAtOnceGetOneIntent"}},
	},
	{
		"a refund is asked for under a key made from it",
		[]cut{{"internal/payments/stripe/refunds.go", `"refund:"+refund.RefundID.String()`, `"refund:"+uuid.NewString()`}},
		tests{checkout, []string{"TestARefundWhoseAnswerWasLostIsFoundOutAndNeverMadeTwice"}},
	},
	{
		"no more is given back than was paid",
		[]cut{{"gen/db/refunds.sql.go", "  AND p.refunded_minor + p.refunding_minor + p.lost_minor + $4::bigint <= p.amount_minor\n", ""}},
		tests{checkout, []string{"TestRefundsInAnyOrderAndAtOnceEndExactlyAtWhatWasPaid", "TestRefundsInPartsEndExactlyAtWhatWasPaid"}},
	},
	{
		"news of another amount pay nothing",
		[]cut{{"internal/payments/payment.go", "	case intent.Amount != p.Amount:\n", "	case false:\n"}},
		tests{checkout, []string{"TestAnEventThatContradictsThePaymentIsSetAsideAndPaysNothing"}},
	},
	{
		"what is final stays so whatever comes late",
		[]cut{
			{"internal/payments/payment.go", "	if p.Final() || p.Status == Authorized && intent.Status != IntentCanceled {\n		return p.Status\n	}\n", ""},
			{"internal/checkout/settle.go", "if !payment.Doubtful(*event.Intent, s.Provider.Live()) {", "if true {"},
		},
		tests{checkout, []string{"TestNewsInAnyOrderAndManyTimesLeadsToTheSameEnd"}},
	},
	{
		"a payment is tried by one request at a time",
		[]cut{
			{"internal/payments/attempts.go", "	case open.LeaseUntil.After(s.now()):\n		return false, ErrInFlight\n	}\n	return true, nil\n", "	}\n	return open.ID == uuid.Nil, nil\n"},
			{"migrations/00006_payments.sql", "CREATE UNIQUE INDEX payment_attempts_one_open ", "CREATE INDEX payment_attempts_one_open "},
		},
		tests{checkout, []string{"TestTwentyPaymentsOfOneOrderAtOnceAreOneCharge"}},
	},
	{
		"an order ends only once nobody can pay for it any more",
		[]cut{
			{"internal/checkout/cancel.go", "		if live {\n			if err := s.endPayment", "		if live && false {\n			if err := s.endPayment"},
			{"internal/checkout/cancel.go", "		case found && !payment.Final() && payment.IntentID != \"\":\n			return errPaymentAlive\n", ""},
		},
		tests{checkout, []string{"TestCancellingMakesSureThatTheBrowserCannotPayAnyMore"}},
	},
	{
		"an order is confirmed to its customer once",
		[]cut{{"internal/checkout/confirm.go", "	limits.Once = true\n", ""}},
		tests{checkout, []string{"TestAConfirmationEnqueuedTwiceIsOneJob"}},
	},
	{
		"a reply is kept with the effect it tells of",
		[]cut{{"internal/idempotency/idempotency.go", "		return s.saveTx(ctx, tx, command, reply)\n", "		return s.saveTx(context.Background(), s.db, command, reply)\n"}},
		tests{idempotency, []string{"TestAnAtomicCommandAndItsReplyCommitTogether"}},
	},
}
