-- name: PaymentCustomerGet :one
SELECT *
FROM payment_customers
WHERE user_id = @user_id;

-- name: PaymentCustomerCreate :exec
-- Whoever asks first says under which id the provider is asked.
INSERT INTO payment_customers (user_id, request_id, created_at, updated_at)
VALUES (@user_id, @request_id, @now, @now)
ON CONFLICT (user_id) DO NOTHING;

-- name: PaymentCustomerGetForUpdate :one
-- A customer's cards change one at a time under this lock, so that one of them is the default.
SELECT *
FROM payment_customers
WHERE user_id = @user_id
FOR UPDATE;

-- name: PaymentCustomerGetByCustomer :one
SELECT *
FROM payment_customers
WHERE customer_id = @customer_id::text;

-- name: PaymentCustomerGetByMethod :one
-- Whose card the provider calls this, while it is there.
SELECT p.*
FROM payment_customers p
JOIN cards c ON c.user_id = p.user_id
WHERE c.method_id = @method_id
  AND c.removed_at IS NULL;

-- name: PaymentCustomerGetByCustomerForUpdate :one
-- As PaymentCustomerGetForUpdate, by the provider's name of them.
SELECT *
FROM payment_customers
WHERE customer_id = @customer_id::text
FOR UPDATE;

-- name: PaymentCustomerSet :exec
-- Writes down what the provider answered, once.
UPDATE payment_customers
SET customer_id = @customer_id::text, updated_at = @now
WHERE user_id = @user_id
  AND request_id = @request_id
  AND customer_id IS NULL;

-- name: PaymentCustomerRenew :exec
-- Has the provider asked again under another id.
UPDATE payment_customers
SET request_id = @request_id, customer_id = NULL, updated_at = @now
WHERE user_id = @user_id;

-- name: PaymentCustomerDelete :exec
-- Cards and setups go with it.
DELETE FROM payment_customers
WHERE user_id = @user_id;

-- name: PaymentEraseCustomer :exec
-- Payments outlive whoever paid.
UPDATE payments
SET customer_id = NULL
WHERE order_id = ANY (@orders::uuid[])
  AND customer_id IS NOT NULL;

-- name: CardList :many
-- A customer's cards in the order they were saved.
SELECT *
FROM cards
WHERE user_id = @user_id::uuid
  AND removed_at IS NULL
ORDER BY created_at, id;

-- name: CardGet :one
SELECT *
FROM cards
WHERE id = @id
  AND user_id = @user_id::uuid
  AND removed_at IS NULL;

-- name: CardGetByMethod :one
-- Also one that was removed, which is then never saved again.
SELECT *
FROM cards
WHERE method_id = @method_id;

-- name: CardCreate :execrows
-- Zero rows when it was saved before, or removed before it was told.
INSERT INTO cards (id, user_id, method_id, brand, last4, exp_month, exp_year, is_default, created_at)
VALUES (@id, @user_id::uuid, @method_id, @brand, @last4, @exp_month, @exp_year, @is_default, @now)
ON CONFLICT (method_id) DO NOTHING;

-- name: CardSetFace :execrows
-- Writes down what a bank has renewed of a card.
UPDATE cards
SET brand = @brand, last4 = @last4, exp_month = @exp_month, exp_year = @exp_year
WHERE method_id = @method_id
  AND removed_at IS NULL;

-- name: CardClearDefault :exec
UPDATE cards
SET is_default = false
WHERE user_id = @user_id::uuid
  AND is_default
  AND id <> @spared;

-- name: CardSetDefault :exec
UPDATE cards
SET is_default = true
WHERE id = @id;

-- name: CardRemove :one
-- Notes that a card is gone, also one that nobody here has heard of yet, and answers whose it was. Removing it again
-- changes nothing.
INSERT INTO cards (id, method_id, brand, last4, exp_month, exp_year, is_default, created_at, removed_at)
VALUES (@id, @method_id, '', '', 0, 0, false, @now, @now)
ON CONFLICT (method_id) DO UPDATE
SET brand = '', last4 = '', exp_month = 0, exp_year = 0, is_default = false,
    removed_at = coalesce(cards.removed_at, excluded.removed_at)
RETURNING user_id;

-- name: CardProposeNewest :exec
-- Where a customer has cards and none is the default, the newest becomes it.
UPDATE cards
SET is_default = true
WHERE id = (
        SELECT c.id
        FROM cards c
        WHERE c.user_id = @user_id::uuid
          AND c.removed_at IS NULL
        ORDER BY c.created_at DESC, c.id DESC
        LIMIT 1)
  AND NOT EXISTS (
        SELECT
        FROM cards c
        WHERE c.user_id = @user_id::uuid
          AND c.is_default);

-- name: CardForgetRemoved :exec
-- News that are older than this come no more, so that nothing brings these cards back.
DELETE FROM cards
WHERE removed_at < @before::timestamptz;

-- name: CardSetupCreate :one
INSERT INTO card_setups (id, user_id, method_id, request_key, status, created_at, updated_at)
VALUES (@id, @user_id, sqlc.narg('method_id'), sqlc.narg('request_key'), 'requires_payment_method', @now, @now)
RETURNING *;

-- name: CardSetupGet :one
SELECT *
FROM card_setups
WHERE id = @id
  AND user_id = @user_id;

-- name: CardSetupGetByRequestKey :one
-- The setup that the same request began before, unless nothing can come of it.
SELECT *
FROM card_setups
WHERE user_id = @user_id
  AND request_key = @request_key::text
  AND method_id IS NOT DISTINCT FROM sqlc.narg('method_id')::text
  AND status <> 'canceled'
ORDER BY created_at DESC
LIMIT 1;

-- name: CardSetupListWaiting :many
-- What the provider calls a customer's newest setups that have not ended.
SELECT intent_id::text
FROM card_setups
WHERE user_id = @user_id
  AND intent_id IS NOT NULL
  AND status NOT IN ('succeeded', 'canceled')
ORDER BY created_at DESC
LIMIT @at_once;

-- name: CardSetupListOld :many
-- What the provider calls setups that have not ended in time, the oldest first.
SELECT intent_id::text
FROM card_setups
WHERE created_at < @before
  AND intent_id IS NOT NULL
  AND status NOT IN ('succeeded', 'canceled')
ORDER BY created_at
LIMIT @at_once;

-- name: CardSetupCancelUnnamed :exec
-- Ends setups whose secret nobody was told: all that are old, or one customer's.
UPDATE card_setups
SET status = 'canceled', updated_at = @now
WHERE intent_id IS NULL
  AND status NOT IN ('succeeded', 'canceled')
  AND (created_at < sqlc.narg('before')::timestamptz
    OR user_id = sqlc.narg('user_id')::uuid AND method_id IS NULL);

-- name: CardSetupCancel :exec
UPDATE card_setups
SET status = 'canceled', updated_at = @now
WHERE intent_id = @intent_id::text
  AND status NOT IN ('succeeded', 'canceled');

-- name: CardSetupTell :exec
-- Writes down where a setup stands. What ended stays so, and what it saved is known for good.
UPDATE card_setups
SET intent_id = coalesce(intent_id, sqlc.narg('intent_id')::text),
    status = CASE WHEN status IN ('succeeded', 'canceled') THEN status ELSE @status END,
    card_id = coalesce(card_id, sqlc.narg('card_id')::uuid),
    updated_at = @now
WHERE id = @id
  AND user_id = @user_id;

-- name: CardSetupForget :exec
DELETE FROM card_setups
WHERE created_at < @before;
