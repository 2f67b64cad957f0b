-- name: FactorBegin :execrows
-- Takes the place of an enrolment that was never confirmed, and of no active factor. The count of tries stays.
INSERT INTO second_factors (user_id, secret, tries_until, created_at)
VALUES (@user_id, @secret, @now, @now)
ON CONFLICT (user_id) DO UPDATE
    SET secret = excluded.secret,
        last_step = 0,
        created_at = excluded.created_at
    WHERE second_factors.confirmed_at IS NULL;

-- name: FactorGet :one
-- How it stands with somebody's factor.
SELECT f.confirmed_at, (SELECT count(*) FROM recovery_codes c WHERE c.user_id = f.user_id) AS recovery_codes
FROM second_factors f
WHERE f.user_id = @user_id;

-- name: FactorGetForUpdate :one
-- Locks the factor, so that of two uses of a code at once one sees the other's.
SELECT user_id, secret, last_step, created_at, confirmed_at
FROM second_factors
WHERE user_id = @user_id
FOR UPDATE;

-- name: FactorTry :execrows
-- Counts a try, which takes from now until soon to be given back, unless those before it take until after latest.
UPDATE second_factors
SET tries_until = greatest(tries_until, @now) + (sqlc.arg(soon)::timestamptz - sqlc.arg(now)::timestamptz)
WHERE user_id = @user_id
  AND tries_until <= @latest;

-- name: FactorUse :exec
-- Uses up the code of this step and all before it, and keeps the secret as it is sealed now.
UPDATE second_factors
SET last_step = @step,
    secret = @secret
WHERE user_id = @user_id;

-- name: FactorActivate :exec
UPDATE second_factors
SET confirmed_at = @now::timestamptz
WHERE user_id = @user_id;

-- name: FactorDelete :exec
-- Its recovery codes go with it.
DELETE FROM second_factors
WHERE user_id = @user_id;

-- name: FactorDeleteUnconfirmed :execrows
-- Forgets enrolments that nobody finished.
DELETE FROM second_factors
WHERE confirmed_at IS NULL
  AND created_at < @before;

-- name: FactorListStale :many
-- Those that are not sealed with the secret of this mark, from a user on.
SELECT user_id
FROM second_factors
WHERE user_id > @after
  AND substring(secret FOR octet_length(@mark::bytea)) <> @mark::bytea
ORDER BY user_id
LIMIT @page_limit;

-- name: FactorReseal :exec
UPDATE second_factors
SET secret = @secret
WHERE user_id = @user_id;

-- name: RecoveryCodeCreate :exec
INSERT INTO recovery_codes (user_id, code_hash)
SELECT @user_id, unnest(@code_hashes::bytea[]);

-- name: RecoveryCodeUse :execrows
-- A code is used by taking it away, which of many at once one alone can do.
DELETE FROM recovery_codes
WHERE user_id = @user_id
  AND code_hash = @code_hash;

-- name: RecoveryCodeDeleteAll :exec
DELETE FROM recovery_codes
WHERE user_id = @user_id;

-- name: ChallengeCreate :exec
INSERT INTO sign_in_challenges (token_hash, user_id, password_mark, expires_at)
VALUES (@token_hash, @user_id, @password_mark, @expires_at);

-- name: ChallengeGet :one
SELECT user_id, password_mark
FROM sign_in_challenges
WHERE token_hash = @token_hash
  AND expires_at > @now;

-- name: ChallengeUse :execrows
-- A challenge is met by taking it away, which of many at once one alone can do.
DELETE FROM sign_in_challenges
WHERE token_hash = @token_hash;

-- name: ChallengeDeleteExpired :execrows
DELETE FROM sign_in_challenges
WHERE expires_at <= @now;
