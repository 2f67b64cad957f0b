package catalog

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/media"
)

// maxImages is how many pictures a product may have.
const maxImages = 20

// NewImage is a picture to add: an address somewhere else, or a picture that the shop keeps.
type NewImage struct {
	URL      string
	Picture  *media.Picture
	AltText  *string
	Position *int32 // from 0; nil is the last
}

// ImageChange is what to change of a picture; nil leaves it.
type ImageChange struct {
	Describe func(altText **string)
	Position *int32
}

// RoomForImage tells, before the trouble of an upload, what AddImage would say now:
// ErrProductNotFound, ErrStale or ErrImagesFull.
func (s *Service) RoomForImage(ctx context.Context, idOrSlug string, match Match) error {
	product, err := s.ID(ctx, idOrSlug)
	if err != nil {
		return err
	}
	known, err := s.q.ProductsByIDs(ctx, s.db, []uuid.UUID{product})
	if err != nil {
		return fmt.Errorf("find the product: %w", err)
	}
	if len(known) == 0 {
		return ErrProductNotFound
	}
	if err := match.check(known[0].Product.Version); err != nil {
		return err
	}
	ids, err := s.q.ImageIDs(ctx, s.db, product)
	if err != nil {
		return fmt.Errorf("count the pictures: %w", err)
	}
	if len(ids) >= maxImages {
		return ErrImagesFull
	}
	return nil
}

// Images are pictures of a product, and the version that it has with them.
type Images struct {
	All     []Image
	Version int64
}

// Of is one of them.
func (i Images) Of(id uuid.UUID) Image {
	at := slices.IndexFunc(i.All, func(image Image) bool { return image.ID == id })
	if at < 0 {
		return Image{}
	}
	return i.All[at]
}

// AddImage shows another picture of a product and answers its id; ErrProductNotFound, ErrStale,
// ErrImagesFull.
func (s *Service) AddImage(
	ctx context.Context, idOrSlug string, match Match, image NewImage,
) (images Images, id uuid.UUID, err error) {
	id = uuid.Must(uuid.NewV7())
	images, err = s.changeImages(ctx, idOrSlug, match, func(e imageEdit) error {
		if len(e.before) >= maxImages {
			return ErrImagesFull
		}
		row := db.ImageAddParams{
			ID: id, ProductID: e.product, AltText: image.AltText, SortOrder: int32(len(e.before)), Now: s.now(),
		}
		if image.Picture != nil {
			row.KeyInURL = image.Picture.Key
		} else {
			row.URL, row.KeyInURL = &image.URL, media.KeyIn(image.URL)
		}
		if err := s.q.ImageAdd(e.ctx, e.tx, row); err != nil {
			return fmt.Errorf("add the picture: %w", err)
		}
		return s.arrangeTx(e, placed(e.ids(), id, image.Position))
	})
	return images, id, err
}

// UpdateImage changes a picture of a product; ErrProductNotFound, ErrStale, ErrImageNotFound. change is
// as in UpdateProduct.
func (s *Service) UpdateImage(
	ctx context.Context, idOrSlug string, id uuid.UUID, match Match, change ImageChange,
) (Images, error) {
	return s.changeImages(ctx, idOrSlug, match, func(e imageEdit) error {
		at := slices.Index(e.ids(), id)
		if at < 0 {
			return ErrImageNotFound
		}
		if change.Describe != nil {
			altText := e.before[at].AltText
			change.Describe(&altText)
			err := s.q.ImageDescribe(e.ctx, e.tx, db.ImageDescribeParams{ID: id, ProductID: e.product, AltText: altText})
			if err != nil {
				return fmt.Errorf("describe the picture: %w", err)
			}
		}
		if change.Position == nil {
			return nil
		}
		return s.arrangeTx(e, placed(slices.Delete(e.ids(), at, at+1), id, change.Position))
	})
}

// DeleteImage takes a picture away and answers those left; ErrProductNotFound, ErrStale,
// ErrImageNotFound. The file of an upload is removed later, when nothing else shows it.
func (s *Service) DeleteImage(ctx context.Context, idOrSlug string, id uuid.UUID, match Match) (Images, error) {
	return s.changeImages(ctx, idOrSlug, match, func(e imageEdit) error {
		at := slices.Index(e.ids(), id)
		if at < 0 {
			return ErrImageNotFound
		}
		if err := s.q.ImageDelete(e.ctx, e.tx, db.ImageDeleteParams{ID: id, ProductID: e.product}); err != nil {
			return fmt.Errorf("delete the picture: %w", err)
		}
		return s.arrangeTx(e, slices.Delete(e.ids(), at, at+1))
	})
}

// ReorderImages puts a product's pictures in this order, which must name each of them once.
// ErrProductNotFound, ErrStale, or an Invalid error.
func (s *Service) ReorderImages(ctx context.Context, idOrSlug string, match Match, order []uuid.UUID) (Images, error) {
	return s.changeImages(ctx, idOrSlug, match, func(e imageEdit) error {
		if !slices.Equal(sorted(order), sorted(e.ids())) {
			return errOrder
		}
		return s.arrangeTx(e, order)
	})
}

func sorted(ids []uuid.UUID) []uuid.UUID {
	return slices.SortedFunc(slices.Values(ids), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
}

// imageEdit is a change of pictures under way: what there was before, in its order.
type imageEdit struct {
	ctx     context.Context
	tx      pgx.Tx
	product uuid.UUID
	before  []Image
}

func (e imageEdit) ids() []uuid.UUID {
	return mapSlice(e.before, func(image Image) uuid.UUID { return image.ID })
}

// changeImages changes the pictures of a product that nobody else changes meanwhile, and answers all
// of them as they are then. The product has a new version when they are others than before.
func (s *Service) changeImages(
	ctx context.Context, idOrSlug string, match Match, change func(imageEdit) error,
) (images Images, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		locked, err := s.lockProduct(ctx, tx, idOrSlug, match)
		if err != nil {
			return err
		}
		edit := imageEdit{ctx: ctx, tx: tx, product: locked.row.ID}
		if edit.before, err = s.imagesTx(ctx, tx, edit.product); err != nil {
			return err
		}
		if err := change(edit); err != nil {
			return err
		}
		images.Version = locked.row.Version
		if images.All, err = s.imagesTx(ctx, tx, edit.product); err != nil || reflect.DeepEqual(images.All, edit.before) {
			return err
		}
		images.Version++
		return s.TouchTx(ctx, tx, edit.product)
	})
	return images, err
}

func (s *Service) imagesTx(ctx context.Context, tx pgx.Tx, product uuid.UUID) ([]Image, error) {
	rows, err := s.q.ImagesByProducts(ctx, tx, []uuid.UUID{product})
	if err != nil {
		return nil, fmt.Errorf("read the pictures: %w", err)
	}
	return mapSlice(rows, func(row db.ImagesByProductsRow) Image { return toImage(row, s.pictures) }), nil
}

// placed is where the pictures stand when one more takes a position among them; nil is the last.
func placed(others []uuid.UUID, id uuid.UUID, position *int32) []uuid.UUID {
	at := len(others)
	if position != nil {
		at = min(at, int(*position))
	}
	return slices.Insert(others, at, id)
}

func (s *Service) arrangeTx(e imageEdit, ids []uuid.UUID) error {
	if err := s.q.ImageArrange(e.ctx, e.tx, db.ImageArrangeParams{ProductID: e.product, ImageIds: ids}); err != nil {
		return fmt.Errorf("arrange the pictures: %w", err)
	}
	return nil
}

func toImage(row db.ImagesByProductsRow, pictures media.Addresses) Image {
	stored := row.ProductImage
	image := Image{ID: stored.ID, AltText: stored.AltText, SortOrder: stored.SortOrder}
	if stored.URL != nil {
		image.URL = *stored.URL
		return image
	}
	picture := media.Picture{
		Key: *stored.MediaKey, Format: media.Format(*row.Format), ThumbnailFormat: media.Format(*row.ThumbnailFormat),
		Width: *row.Width, Height: *row.Height,
	}
	image.URL = pictures.Of(picture, media.Original)
	image.Upload = &ImageUpload{
		Width: picture.Width, Height: picture.Height, Small: pictures.Of(picture, media.Small),
		Medium: pictures.Of(picture, media.Medium), Large: pictures.Of(picture, media.Large),
	}
	return image
}
