package stripesim

import "crypto/rand"

const idAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// newID returns prefix and 24 random letters and digits, the look of a Stripe id.
func newID(prefix string) string { return prefix + randomText(24) }

func randomText(n int) string {
	const fair = 256 - 256%len(idAlphabet) // above it, a byte would favour the first letters
	text := make([]byte, 0, n)
	buf := make([]byte, n)
	for len(text) < n {
		_, _ = rand.Read(buf) // crypto/rand.Read never fails
		for _, b := range buf {
			if int(b) < fair && len(text) < n {
				text = append(text, idAlphabet[int(b)%len(idAlphabet)])
			}
		}
	}
	return string(text)
}
