-- +goose Up
-- Uploaded pictures. A row is written before its files are stored, and stored_at when all of them are.
CREATE TABLE media_files (
    key              text PRIMARY KEY,
    format           text        NOT NULL,
    thumbnail_format text        NOT NULL,
    width            integer     NOT NULL,
    height           integer     NOT NULL,
    created_at       timestamptz NOT NULL,
    stored_at        timestamptz,
    CONSTRAINT media_files_format_known CHECK (format IN ('jpg', 'png', 'gif', 'webp')),
    CONSTRAINT media_files_thumbnail_format_known CHECK (thumbnail_format IN ('jpg', 'png')),
    CONSTRAINT media_files_not_flat CHECK (width > 0 AND height > 0)
);

CREATE INDEX media_files_by_age ON media_files (created_at, key);

-- A product's picture is an address somewhere else or an upload.
ALTER TABLE product_images
    ALTER COLUMN url DROP NOT NULL,
    ADD COLUMN media_key text,
    ADD CONSTRAINT product_images_media_known FOREIGN KEY (media_key) REFERENCES media_files (key),
    ADD CONSTRAINT product_images_address_or_upload CHECK ((url IS NULL) <> (media_key IS NULL));

CREATE INDEX product_images_by_media ON product_images (media_key) WHERE media_key IS NOT NULL;

-- +goose Down
-- Uploads become addresses below the shop's own; their files stay where they are.
UPDATE product_images i
SET url = '/media/' || f.key || '/original.' || f.format
FROM media_files f
WHERE f.key = i.media_key;

DROP INDEX product_images_by_media;

ALTER TABLE product_images
    DROP CONSTRAINT product_images_address_or_upload,
    DROP CONSTRAINT product_images_media_known,
    DROP COLUMN media_key,
    ALTER COLUMN url SET NOT NULL;

DROP TABLE media_files;
