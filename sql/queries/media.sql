-- name: MediaFileGet :one
-- A picture whose files are all stored.
SELECT *
FROM media_files
WHERE key = @key
  AND stored_at IS NOT NULL;

-- name: MediaFileCreate :exec
-- Says that files are about to be stored. Whoever stores the same at the same time has said so already.
INSERT INTO media_files (key, format, thumbnail_format, width, height, created_at)
VALUES (@key, @format, @thumbnail_format, @width, @height, @now)
ON CONFLICT (key) DO NOTHING;

-- name: MediaFileStored :exec
UPDATE media_files
SET stored_at = coalesce(stored_at, @now::timestamptz)
WHERE key = @key;

-- name: MediaFileListUnused :many
-- Pictures recorded before the given time that nobody refers to. Whatever table comes to refer to
-- them needs a line here; its foreign key keeps MediaFileDelete honest meanwhile.
SELECT f.*
FROM media_files f
WHERE f.created_at < @before
  AND NOT EXISTS (SELECT 1 FROM product_images i WHERE i.media_key = f.key)
  AND NOT EXISTS (SELECT 1 FROM categories c WHERE c.image LIKE '%/media/' || f.key || '/%')
ORDER BY f.created_at, f.key
LIMIT @page_limit;

-- name: MediaFileDelete :exec
DELETE FROM media_files
WHERE key = @key;
