// Package notify writes to people by e-mail.
//
// Owns: the templates, the senders, the record of what became of each mail, the mailbox of dev mode.
// Does not own: when a mail is due. Whoever has something to tell enqueues a job in the transaction
// of what it tells of; the handlers here read what the job's ids lead to, and send.
//
// Invariants: nothing below imports this package, so a mail that fails touches nothing of what it
// tells of. No address, name or token is in a job's arguments, an error or the log. What a person
// wrote is escaped in HTML and cannot become a header. The attempts of one job have one Message-ID,
// and a mail that is known to be sent is not sent again.
//
// Words: a content is what a mail says, with the data of its template. A refusal is an answer that
// trying again would not change; anything else that goes wrong is tried again, for hours. A sender
// hands a message to whoever delivers it.
package notify
