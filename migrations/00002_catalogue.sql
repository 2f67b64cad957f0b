-- +goose Up
CREATE TABLE categories (
    id          uuid PRIMARY KEY,
    name        text        NOT NULL,
    slug        text        NOT NULL,
    description text,
    image       text,
    parent_id   uuid REFERENCES categories (id),
    sort_order  integer     NOT NULL DEFAULT 0,
    is_active   boolean     NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL,
    CONSTRAINT categories_name_once UNIQUE (name),
    CONSTRAINT categories_slug_once UNIQUE (slug),
    CONSTRAINT categories_not_own_parent CHECK (parent_id <> id)
);

CREATE INDEX categories_by_parent ON categories (parent_id);

CREATE TABLE products (
    id                  uuid PRIMARY KEY,
    category_id         uuid        NOT NULL,
    name                text        NOT NULL,
    slug                text        NOT NULL,
    description         text,
    short_description   text,
    status              text        NOT NULL,
    track_inventory     boolean     NOT NULL DEFAULT true,
    low_stock_threshold integer     NOT NULL DEFAULT 5,
    dimensions          text,
    is_featured         boolean     NOT NULL DEFAULT false,
    seo_title           text,
    seo_description     text,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    -- What full-text search reads. English until a shop can choose its language.
    search_document     tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english', name), 'A')
        || setweight(to_tsvector('english', coalesce(short_description, '')), 'B')
        || setweight(to_tsvector('english', coalesce(description, '')), 'C')
    ) STORED NOT NULL,
    CONSTRAINT products_category_known FOREIGN KEY (category_id) REFERENCES categories (id),
    CONSTRAINT products_slug_once UNIQUE (slug),
    CONSTRAINT products_status_known CHECK (status IN ('DRAFT', 'ACTIVE', 'ARCHIVED')),
    CONSTRAINT products_low_stock_threshold_not_negative CHECK (low_stock_threshold >= 0)
);

CREATE INDEX products_by_category ON products (status, category_id);
CREATE INDEX products_newest ON products (status, created_at DESC, id DESC);
CREATE INDEX products_featured ON products (created_at DESC, id DESC) WHERE is_featured AND status = 'ACTIVE';
CREATE INDEX products_search ON products USING gin (search_document);

-- The sellable thing. Every product has exactly one default variant, which carries the
-- product-level SKU, price and stock of the API.
CREATE TABLE product_variants (
    id                  uuid PRIMARY KEY,
    product_id          uuid        NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    is_default          boolean     NOT NULL,
    name                text        NOT NULL,
    sku                 text        NOT NULL,
    price_minor         bigint      NOT NULL,
    compare_price_minor bigint,
    cost_price_minor    bigint,
    currency            char(3)     NOT NULL,
    weight              double precision,
    options             jsonb       NOT NULL DEFAULT '{}',
    is_active           boolean     NOT NULL DEFAULT true,
    sort_order          integer     NOT NULL DEFAULT 0,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    CONSTRAINT product_variants_sku_once UNIQUE (sku),
    CONSTRAINT product_variants_price_not_negative CHECK (price_minor >= 0),
    CONSTRAINT product_variants_compare_price_not_negative CHECK (compare_price_minor >= 0),
    CONSTRAINT product_variants_cost_price_not_negative CHECK (cost_price_minor >= 0),
    CONSTRAINT product_variants_weight_not_negative CHECK (weight >= 0)
);

CREATE INDEX product_variants_by_product ON product_variants (product_id, sort_order, id);
CREATE UNIQUE INDEX product_variants_one_default ON product_variants (product_id) WHERE is_default;
CREATE INDEX product_variants_by_price ON product_variants (price_minor);
CREATE INDEX product_variants_by_sku_prefix ON product_variants (lower(sku) text_pattern_ops);

CREATE TABLE product_images (
    id         uuid PRIMARY KEY,
    product_id uuid        NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    url        text        NOT NULL,
    alt_text   text,
    sort_order integer     NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL
);

CREATE INDEX product_images_by_product ON product_images (product_id, sort_order, id);

-- +goose Down
DROP TABLE product_images;
DROP TABLE product_variants;
DROP TABLE products;
DROP TABLE categories;
