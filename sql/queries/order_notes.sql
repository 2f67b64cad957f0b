-- name: OrderNoteCreate :one
INSERT INTO order_notes (id, order_id, author, text, created_at)
VALUES (@id, @order_id, @author, @text, @now)
RETURNING *;

-- name: OrderNoteList :many
-- One page of an order's, newest first, before the given position.
SELECT *
FROM order_notes
WHERE order_id = @order_id
  AND (created_at, id) < (@before_time::timestamptz, @before_id::uuid)
ORDER BY created_at DESC, id DESC
LIMIT @page_limit;

-- name: OrderNoteEraseCustomer :exec
-- What was said of somebody goes with them.
UPDATE order_notes n
SET text = NULL
FROM orders o
WHERE o.user_id = @customer_id::uuid
  AND n.order_id = o.id
  AND n.text IS NOT NULL;
