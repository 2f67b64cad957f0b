package notify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAHeaderEndsWhereTheShopEndsIt(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "ada", "ada@", "ada@example.com\r\nBcc: all@example.com", "ada@example.com\n", "Ada <ada@example.com>",
		"ada@example.com, bob@example.com", "ada@exam\x00ple.com", "\"a\r\nb\"@example.com",
	} {
		_, ok := Recipient{Address: address}.clean()
		require.False(t, ok, "%q", address)
	}
	clean, ok := Recipient{Address: "ada@example.com", Name: "Ada\r\nBcc: all@example.com\u2028\x00 L" + strings.Repeat("o", 200)}.clean()
	require.True(t, ok)
	require.NotContains(t, clean.Name, "\n")
	require.NotContains(t, clean.Name, "\r")
	require.Equal(t, "Ada Bcc: all@example.com Loooo", clean.Name[:30])
	require.Len(t, clean.Name, maxName)
}

func TestANameCannotBecomeAHeaderOnTheWire(t *testing.T) {
	t.Parallel()
	server := serveMail(t, &mailServer{}, false)
	message := letter()
	message.To.Name = "Ada\r\nBcc: all@example.com"
	message.Subject = "Hello\r\nBcc: all@example.com"
	_ = server.sender(t, StartTLS, "").Send(t.Context(), message) // whether it is sent is the library's decision
	contents, _ := server.taken()
	for _, content := range contents {
		require.NotContains(t, strings.ToLower(content), "\nbcc:")
	}
	require.NotContains(t, strings.Join(server.said("RCPT"), " "), "all@")
}
