package notify

import (
	"context"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// letter is a message with what is hard to write.
func letter() Message {
	return Message{
		ID: "0123456789abcdef@example.com", From: mail.Address{Name: "Lamps & Co", Address: "shop@example.com"},
		To: mail.Address{Name: "Ada Löve, lace", Address: "ada@example.com"}, Subject: "Your order: Löwe",
		HTML: "<p>Löwe</p>", Text: "Löwe\n.\nhttps://www.example.com/verify-email?token=canary-token\n",
	}
}

func TestAMessageReachesTheMailServerEncrypted(t *testing.T) {
	t.Parallel()
	for security, implicit := range map[Security]bool{StartTLS: false, ImplicitTLS: true} {
		t.Run(string(security), func(t *testing.T) {
			t.Parallel()
			server := serveMail(t, &mailServer{}, implicit)
			require.NoError(t, server.sender(t, security, "shop").Send(t.Context(), letter()))
			contents, private := server.taken()
			require.True(t, private)
			require.Len(t, contents, 1)
			require.Equal(t, []string{"MAIL FROM:<shop@example.com>"}, server.said("MAIL"))
			require.Equal(t, []string{"RCPT TO:<ada@example.com>"}, server.said("RCPT"))
			require.Len(t, server.said("AUTH"), 1)
			requireLetter(t, contents[0])
		})
	}
}

// requireLetter reads what a mail program would.
func requireLetter(t *testing.T, content string) {
	t.Helper()
	read, err := mail.ReadMessage(strings.NewReader(content))
	require.NoError(t, err)
	require.Equal(t, "<0123456789abcdef@example.com>", read.Header.Get("Message-Id"))
	require.Equal(t, "auto-generated", read.Header.Get("Auto-Submitted"))
	subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, "Your order: Löwe", subject)
	to, err := read.Header.AddressList("To")
	require.NoError(t, err)
	require.Equal(t, []*mail.Address{{Name: "Ada Löve, lace", Address: "ada@example.com"}}, to)
	kind, params, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", kind)
	parts := multipart.NewReader(read.Body, params["boundary"])
	for _, want := range []string{letter().Text, letter().HTML} {
		part, err := parts.NextRawPart()
		require.NoError(t, err)
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(want), strings.TrimSpace(strings.ReplaceAll(string(body), "\r\n", "\n")))
	}
}

func TestNothingIsSentReadableUnlessSoConfigured(t *testing.T) {
	t.Parallel()
	server := serveMail(t, &mailServer{plain: true}, false)
	for _, user := range []string{"shop", ""} {
		require.Error(t, server.sender(t, StartTLS, user).Send(t.Context(), letter()))
	}
	require.Empty(t, server.said("AUTH"))
	require.Empty(t, server.said("MAIL"))
	require.NoError(t, server.sender(t, Readable, "").Send(t.Context(), letter()))
	_, private := server.taken()
	require.False(t, private)
}

func TestAServerThatNobodyVouchesForGetsNothing(t *testing.T) {
	t.Parallel()
	server := serveMail(t, &mailServer{}, false)
	server.roots = nil
	require.Error(t, server.sender(t, StartTLS, "shop").Send(t.Context(), letter()))
	require.Empty(t, server.said("AUTH"))
	require.Empty(t, server.said("MAIL"))
}

func TestALastingAnswerOfTheMailServerIsARefusal(t *testing.T) {
	t.Parallel()
	const echo = " <ada@example.com> https://www.example.com/verify-email?token=canary-token"
	cases := map[string]struct {
		answers map[string]string
		refused bool
	}{
		"no such mailbox":        {map[string]string{"RCPT": "550 5.1.1" + echo}, true},
		"content refused":        {map[string]string{"CONTENT": "554 5.7.1" + echo}, true},
		"mailbox is full now":    {map[string]string{"RCPT": "452 4.2.2" + echo}, false},
		"greylisted":             {map[string]string{"CONTENT": "451 4.7.1" + echo}, false},
		"sender not allowed":     {map[string]string{"MAIL": "550 5.7.1" + echo}, false},
		"quota is used up":       {map[string]string{"RCPT": "550 5.4.5" + echo}, false},
		"quota, said late":       {map[string]string{"CONTENT": "550 5.4.5" + echo}, false},
		"no relaying for us":     {map[string]string{"RCPT": "554 5.7.1" + echo}, false},
		"address of nobody":      {map[string]string{"RCPT": "550 5.4.1" + echo}, true},
		"sign-in missing":        {map[string]string{"RCPT": "530 5.7.0" + echo}, false},
		"wrong password":         {map[string]string{"AUTH": "535 5.7.8" + echo}, false},
		"closed for maintenance": {map[string]string{"EHLO": "421 4.3.2" + echo, "HELO": "421 4.3.2" + echo}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serveMail(t, &mailServer{answers: c.answers}, false)
			err := server.sender(t, StartTLS, "shop").Send(t.Context(), letter())
			require.Error(t, err)
			_, refused := isRefusal(err)
			require.Equal(t, c.refused, refused, err)
			require.NotContains(t, err.Error(), "ada", "whom")
			require.NotContains(t, err.Error(), "canary-token", "a link")
			require.Regexp(t, `\d{3}`, err.Error(), "the server's code helps to find out why")
		})
	}
}

func TestAMailServerThatHangsIsLeftInTime(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"EHLO", "MAIL", "DATA"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			server := serveMail(t, &mailServer{answers: map[string]string{verb: ""}}, false)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			begun := time.Now()
			err := server.sender(t, StartTLS, "").Send(ctx, letter())
			require.Error(t, err)
			require.Less(t, time.Since(begun), 10*time.Second, "sooner than without a deadline")
			_, refused := isRefusal(err)
			require.False(t, refused)
			require.NotContains(t, err.Error(), "ada")
		})
	}
}

func TestWhatTheServerTookIsSentHoweverTheyPart(t *testing.T) {
	t.Parallel()
	server := serveMail(t, &mailServer{answers: map[string]string{"QUIT": "421 4.3.2 gone"}}, false)
	require.NoError(t, server.sender(t, StartTLS, "").Send(t.Context(), letter()))
	contents, _ := server.taken()
	require.Len(t, contents, 1)
}
