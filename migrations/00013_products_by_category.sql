-- +goose Up
-- Whoever deletes a category or moves its products asks for those of every status.
DROP INDEX products_by_category;
CREATE INDEX products_by_category ON products (category_id);

-- +goose Down
DROP INDEX products_by_category;
CREATE INDEX products_by_category ON products (status, category_id);
