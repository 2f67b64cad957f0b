package notify

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/money"
	"cartwright/internal/orders"
)

var update = flag.Bool("update", false, "write the golden files anew")

const storefront = "https://www.example.com/"

func usd(minor int64) money.Amount { return money.New(minor, "USD") }

// bought is an order with everything that a confirmation shows.
func bought() orders.Order {
	home := orders.Address{
		FirstName: "Ada", LastName: "Lovelace", Company: "Engines & Sons", Street1: "12 St James's Square", Street2: "Flat 3",
		City: "London", State: "LDN", PostalCode: "SW1Y 4JH", Country: "GB",
	}
	return orders.Order{
		Number: "ORD-1001", Email: "ada@example.com", ShippingAddress: home,
		BillingAddress: orders.Address{FirstName: "John", LastName: "Doe", Street1: "123 Main St", City: "New York", State: "NY",
			PostalCode: "10001", Country: "US"},
		Items: []orders.Item{
			{Quantity: 2, Price: usd(19999), LineTotal: usd(39998), Snapshot: orders.Snapshot{Name: "Wireless Headphones"}},
			{Quantity: 1, Price: usd(2500), LineTotal: usd(2500), Snapshot: orders.Snapshot{
				Name: "Shirt", Options: map[string]string{"Size": "L", "Colour": "Black"}}},
		},
		Subtotal: usd(42498), Discount: usd(2000), Shipping: usd(500), Tax: usd(3240), Total: usd(44238),
	}
}

// contents are one of each template.
var contents = []Content{
	VerifyEmail{Token: "a+token/of=tests", ExpiresIn: 24 * time.Hour}, AccountExists{},
	ResetPassword{Token: "a+token/of=tests", ExpiresIn: time.Hour}, Invitation{Token: "a+token/of=tests", ExpiresIn: 7 * 24 * time.Hour},
	EmailChange{Token: "a+token/of=tests", ExpiresIn: 24 * time.Hour}, EmailChanged{}, OrderConfirmation{Order: bought()},
	OrderFound{ID: uuid.MustParse("019bc11e-f72c-7134-9b80-6fe1a2d3c007"), Number: "ORD-1001", Token: "a+token/of=tests", ExpiresIn: orders.LinkLasts}, PasswordChanged{},
	SecondFactorAdded{}, SecondFactorRemoved{}, RecoveryCodeUsed{},
}

func written(t *testing.T, content Content) words {
	t.Helper()
	templates, err := newTemplates(storefront)
	require.NoError(t, err)
	words, err := templates.write("Lamps & Co", content)
	require.NoError(t, err)
	return words
}

func TestEveryTemplateSaysWhatItAlwaysSaid(t *testing.T) {
	t.Parallel()
	require.Len(t, contents, len(all))
	for _, content := range contents {
		t.Run(string(content.Template()), func(t *testing.T) {
			t.Parallel()
			words := written(t, content)
			requireGolden(t, string(content.Template())+".txt", "Subject: "+words.subject+"\n\n"+words.text)
			requireGolden(t, string(content.Template())+".html", words.html)
		})
	}
}

func requireGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./internal/notify -update writes it")
	require.Equal(t, string(want), got, "go test ./internal/notify -update, when the new one is better")
}

func TestAMailFetchesNothing(t *testing.T) {
	t.Parallel()
	for _, content := range contents {
		html := written(t, content).html
		for _, asset := range []string{"src=", "<link", "<script", "<img", "url(", "@import"} {
			require.NotContains(t, html, asset, string(content.Template()))
		}
	}
}

func TestWhatPeopleWroteIsTextAndNothingElse(t *testing.T) {
	t.Parallel()
	evil := `"><script>alert(1)</script><a href="http://evil.example">`
	order := bought()
	order.ShippingAddress = orders.Address{FirstName: evil, Street1: "1\r\n2", City: evil}
	order.Items[0].Snapshot.Name = evil
	order.Items[1].Snapshot.Options = map[string]string{evil: evil}
	order.Number = "1\r\nBcc: everybody@example.com"
	words := written(t, OrderConfirmation{Order: order})
	require.NotContains(t, words.html, "<script")
	require.NotContains(t, words.html, "<a ")
	require.Contains(t, words.html, "&lt;script&gt;")
	require.Equal(t, "Your order 1 Bcc: everybody@example.com", words.subject)
	require.Contains(t, words.text, "\n  1 2\n", "one line of an address is one line of the mail")
}

func TestAMailSaysWhatWasPaidOnlyWhereItWas(t *testing.T) {
	t.Parallel()
	order := bought()
	for payment, is := range map[orders.PaymentStatus]bool{orders.PaymentPaid: true, orders.PaymentAuthorized: false} {
		order.Payment = payment
		words := written(t, OrderConfirmation{Order: order})
		for _, text := range []string{words.text, words.html} {
			require.Equal(t, is, strings.Contains(text, "It is paid"), payment)
			require.Equal(t, !is, strings.Contains(text, "money when we send it"), payment)
		}
	}
}

func TestALinkCarriesItsTokenWhole(t *testing.T) {
	t.Parallel()
	words := written(t, ResetPassword{Token: "a+token/of=tests", ExpiresIn: time.Hour})
	link := "https://www.example.com/reset-password?token=a%2Btoken%2Fof%3Dtests"
	require.Contains(t, words.text, "\n"+link+"\n")
	require.Equal(t, 2, strings.Count(words.html, `href="`+link+`"`))
}

func TestDurationsAreSaidAsPeopleDo(t *testing.T) {
	t.Parallel()
	for said, d := range map[string]time.Duration{
		"1 hour": time.Hour, "24 hours": 24 * time.Hour, "7 days": 7 * 24 * time.Hour, "90 minutes": 90 * time.Minute, "1 minute": time.Minute,
	} {
		require.Equal(t, said, within(d))
	}
}
