package notify

import (
	"net/mail"
	"strings"
	"unicode"

	"github.com/google/uuid"
)

// Mail is something to tell one person.
type Mail struct {
	To Recipient
	// About is the id of what it tells of, such as an order. It is kept with what became of the mail.
	About   uuid.UUID
	Content Content
}

// Recipient is who is written to. The name may be "".
type Recipient struct{ Address, Name string }

// maxName is how much of a name is shown beside an address.
const maxName = 100

// clean is the recipient as it may stand in a header; false when the address is not one.
func (r Recipient) clean() (Recipient, bool) {
	parsed, err := mail.ParseAddress(r.Address)
	if err != nil || parsed.Address != r.Address || strings.ContainsFunc(r.Address, unicode.IsControl) {
		return Recipient{}, false
	}
	return Recipient{Address: r.Address, Name: oneLine(r.Name, maxName)}, true
}

// oneLine is text that cannot end a header: what is no printable character is a space in it. It is
// cut where it is longer than most letters.
func oneLine(text string, most int) string {
	printable := strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	line := []rune(strings.Join(strings.Fields(printable), " "))
	return string(line[:min(len(line), most)])
}
