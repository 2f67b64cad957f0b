-- name: ProfileGet :one
SELECT id, email, email_verified, role, first_name, last_name, phone, date_of_birth, created_at
FROM users
WHERE id = @id;

-- name: ProfileGetForUpdate :one
-- Of two changes at once the second sees the first. The lock is also the one under which addresses change, so that a
-- customer's addresses change one at a time.
SELECT id, email, email_verified, role, first_name, last_name, phone, date_of_birth, created_at
FROM users
WHERE id = @id
FOR UPDATE;

-- name: ProfileUpdate :exec
UPDATE users
SET first_name = @first_name,
    last_name = @last_name,
    phone = @phone,
    date_of_birth = @date_of_birth,
    updated_at = @now
WHERE id = @id;

-- name: AddressList :many
SELECT *
FROM customer_addresses
WHERE user_id = @user_id
ORDER BY created_at, id;

-- name: AddressGet :one
SELECT *
FROM customer_addresses
WHERE id = @id
  AND user_id = @user_id;

-- name: AddressCreate :exec
INSERT INTO customer_addresses (
    id, user_id, type, is_default, first_name, last_name, company, street1, street2, city, state, postal_code, country,
    created_at, updated_at)
VALUES (
    @id, @user_id, @type, @is_default, @first_name, @last_name, @company, @street1, @street2, @city, @state, @postal_code,
    @country, @now, @now);

-- name: AddressUpdate :exec
UPDATE customer_addresses
SET type = @type,
    is_default = @is_default,
    first_name = @first_name,
    last_name = @last_name,
    company = @company,
    street1 = @street1,
    street2 = @street2,
    city = @city,
    state = @state,
    postal_code = @postal_code,
    country = @country,
    updated_at = @now
WHERE id = @id
  AND user_id = @user_id;

-- name: AddressClearDefault :exec
-- Makes room for another default of this type.
UPDATE customer_addresses
SET is_default = false,
    updated_at = @now
WHERE user_id = @user_id
  AND type = @type
  AND id <> @spared
  AND is_default;

-- name: AddressDelete :execrows
DELETE FROM customer_addresses
WHERE id = @id
  AND user_id = @user_id;
