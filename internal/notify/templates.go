package notify

import (
	"bytes"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"net/url"
	"strings"
	texttemplate "text/template"
	"time"
)

//go:embed templates
var files embed.FS

// templates turn contents into words. Each has a subject and a text in its .txt file, and in its
// .html file the main part of the page that layout.html holds.
type templates struct {
	text map[Template]*texttemplate.Template
	html map[Template]*htmltemplate.Template
}

var all = []Template{
	TemplateVerifyEmail, TemplateAccountExists, TemplateResetPassword, TemplateInvitation, TemplateEmailChange,
	TemplateEmailChanged, TemplateOrderConfirmation, TemplateOrderFound, TemplatePasswordChanged, TemplateSecondFactorAdded, TemplateSecondFactorRemoved,
	TemplateRecoveryCodeUsed,
}

// newTemplates reads the templates; storefront is where their links lead.
func newTemplates(storefront string) (*templates, error) {
	words := map[string]any{
		"page": func(path string) string { return strings.TrimSuffix(storefront, "/") + path },
		"link": func(path, token string) string {
			return strings.TrimSuffix(storefront, "/") + path + "?token=" + url.QueryEscape(token)
		},
		"within": within, "options": options, "sums": sums, "lines": lines,
	}
	t := &templates{text: map[Template]*texttemplate.Template{}, html: map[Template]*htmltemplate.Template{}}
	for _, name := range all {
		var err error
		t.text[name], err = texttemplate.New(string(name)+".txt").Funcs(words).
			ParseFS(files, "templates/parts.txt", "templates/"+string(name)+".txt")
		if err != nil {
			return nil, fmt.Errorf("read the text of %s: %w", name, err)
		}
		t.html[name], err = htmltemplate.New("layout.html").Funcs(words).
			ParseFS(files, "templates/layout.html", "templates/"+string(name)+".html")
		if err != nil {
			return nil, fmt.Errorf("read the page of %s: %w", name, err)
		}
	}
	return t, nil
}

// words are what a mail says, still without an address.
type words struct{ subject, html, text string }

// maxSubject is how long a subject may be, in letters.
const maxSubject = 150

// write puts a content into words, in the name of a shop.
func (t *templates) write(shop string, content Content) (written words, err error) {
	text, known := t.text[content.Template()]
	if !known {
		return words{}, fmt.Errorf("there is no template %q", content.Template())
	}
	page := struct {
		Shop, Subject string
		Content       Content
	}{Shop: shop, Content: content}
	var subject, body, html bytes.Buffer
	if err := text.ExecuteTemplate(&subject, "subject", page); err != nil {
		return words{}, fmt.Errorf("write the subject of %s: %w", content.Template(), err)
	}
	page.Subject = oneLine(subject.String(), maxSubject)
	if err := text.Execute(&body, page); err != nil {
		return words{}, fmt.Errorf("write the text of %s: %w", content.Template(), err)
	}
	if err := t.html[content.Template()].Execute(&html, page); err != nil {
		return words{}, fmt.Errorf("write the page of %s: %w", content.Template(), err)
	}
	return words{subject: page.Subject, html: trimmed(html), text: trimmed(body)}, nil
}

func trimmed(text bytes.Buffer) string { return strings.TrimSpace(text.String()) + "\n" }

// within says a duration as people do: "1 hour", "7 days".
func within(d time.Duration) string {
	count, unit := int(d/time.Minute), "minute"
	switch {
	case d >= 48*time.Hour && d%(24*time.Hour) == 0:
		count, unit = int(d/(24*time.Hour)), "day"
	case d >= time.Hour && d%time.Hour == 0:
		count, unit = int(d/time.Hour), "hour"
	}
	if count != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", count, unit)
}
