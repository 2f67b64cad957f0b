-- name: MailWasSent :one
-- Whether a job that runs again has sent its mail before.
SELECT EXISTS (
    SELECT
    FROM mails
    WHERE message_id = @message_id
      AND outcome = 'SENT');

-- name: MailRecord :exec
-- Keeps what became of a mail; a later attempt of the same job knows better.
INSERT INTO mails (message_id, template, about, outcome, reason, created_at)
VALUES (@message_id, @template, @about, @outcome, @reason, @now)
ON CONFLICT (message_id) DO UPDATE
    SET outcome = excluded.outcome,
        reason = excluded.reason,
        created_at = excluded.created_at;

-- name: MailDeleteOlder :execrows
DELETE FROM mails
WHERE created_at < @before;

-- name: DevMailCreate :exec
-- Puts a mail into the mailbox, once however often its job runs.
INSERT INTO dev_mails (id, message_id, sender, recipient, subject, html, text, created_at)
VALUES (@id, @message_id, @sender, @recipient, @subject, @html, @text, @now)
ON CONFLICT (message_id) DO NOTHING;

-- name: DevMailTrim :exec
-- Leaves the newest mails. Ids rise with time.
DELETE FROM dev_mails
WHERE id NOT IN (
    SELECT id
    FROM dev_mails
    ORDER BY id DESC
    LIMIT @kept);

-- name: DevMailList :many
-- The whole mailbox, newest first.
SELECT id, recipient, subject, created_at
FROM dev_mails
ORDER BY id DESC;

-- name: DevMailGet :one
SELECT *
FROM dev_mails
WHERE id = @id;
