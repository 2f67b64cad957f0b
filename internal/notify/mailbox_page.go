package notify

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// MailboxPath is where a Mailbox is to be mounted, without stripping the prefix, with what is below.
const MailboxPath = "/dev/mail"

var (
	//go:embed mailbox/list.html
	listHTML string
	//go:embed mailbox/mailbox.css
	mailboxCSS []byte

	listPage = template.Must(template.New("list").Parse(listHTML))
)

const (
	// The list runs no script, loads its own style alone, and shows nothing but mails in its frame.
	listPolicy = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	// A mail may show itself, and open a link in a window of its own. It can do nothing in the shop's name.
	mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; " +
		"sandbox allow-popups allow-popups-to-escape-sandbox"
)

// ServeHTTP shows the mailbox: MailboxPath lists it, …/<id> opens a mail, and …/<id>/page is that mail
// as a page. Anything else is 404.
func (m *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer") // links carry tokens
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", listPolicy)
	path := strings.Trim(strings.TrimPrefix(r.URL.Path, MailboxPath), "/")
	if path == "mailbox.css" {
		header.Set("Content-Type", "text/css; charset=utf-8")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(mailboxCSS))
		return
	}
	id, part, _ := strings.Cut(path, "/")
	opened, err := m.open(r, id)
	switch {
	case postgres.IsMissing(err), part != "" && part != "page":
		http.NotFound(w, r)
		return
	case err == nil && part == "page":
		header.Set("Content-Security-Policy", mailPolicy)
		header.Set("X-Frame-Options", "SAMEORIGIN") // the list shows it in a frame
		_ = writePage(w, inNewWindow(opened.HTML))  // nobody is left to tell
		return
	case err == nil:
		err = m.list(w, r, opened)
	}
	if err != nil {
		http.Error(w, "The mailbox cannot be read: "+err.Error(), http.StatusInternalServerError)
	}
}

// open reads a mail; none for "".
func (m *Mailbox) open(r *http.Request, id string) (db.DevMail, error) {
	if id == "" {
		return db.DevMail{}, nil
	}
	parsed, _ := uuid.Parse(id) // what is no id is no mail's either
	return m.q.DevMailGet(r.Context(), m.db, parsed)
}

func (m *Mailbox) list(w http.ResponseWriter, r *http.Request, opened db.DevMail) error {
	mails, err := m.q.DevMailList(r.Context(), m.db)
	if err != nil {
		return fmt.Errorf("list the mails: %w", err)
	}
	view := struct {
		Mails  []db.DevMailListRow
		Open   *db.DevMail
		OpenID uuid.UUID
		Kept   int
	}{Mails: mails, OpenID: opened.ID, Kept: mailboxSize}
	if opened.ID != uuid.Nil {
		view.Open = &opened
	}
	var page bytes.Buffer
	if err := listPage.Execute(&page, view); err != nil {
		return err
	}
	return writePage(w, page.String())
}

func writePage(w http.ResponseWriter, html string) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err := w.Write([]byte(html))
	return err
}

// inNewWindow lets a mail's links open beside the mailbox, as in a mail program: its frame goes nowhere.
func inNewWindow(html string) string {
	return strings.Replace(html, "<head>", `<head><base target="_blank">`, 1)
}

// shown is an address as people read it.
func shown(address mail.Address) string {
	if address.Name == "" {
		return address.Address
	}
	return fmt.Sprintf("%s <%s>", address.Name, address.Address)
}
