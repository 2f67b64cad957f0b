package notify

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/emails"
)

func TestRecipient_IsWrittenToWhereverAnAddressIsAccepted(t *testing.T) {
	t.Parallel()
	letter := rapid.SampledFrom([]rune("aAzZ09.-@+!#$%&'*/=?^_`{|}~\"(),:;<>[\\] üÜßſ\u0130\u212aａ。例\u200b"))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(letter).Draw(t, "local") + "@" + rapid.StringOf(letter).Draw(t, "domain") + ".example"
		address, err := emails.Parse(text)
		if err != nil {
			return
		}
		_, ok := Recipient{Address: address}.clean()
		require.True(t, ok, address)
	})
}
