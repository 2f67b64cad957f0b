package api

import (
	"context"

	"github.com/labstack/echo/v4"

	"cartwright/internal/catalog"
	"cartwright/internal/idempotency"
	"cartwright/internal/media"
)

type pictureKey struct{}

// kept is a picture that was uploaded, or why it is not kept.
type kept struct {
	picture media.Picture
	err     error
}

func keptPicture(ctx context.Context) (media.Picture, error) {
	upload, _ := ctx.Value(pictureKey{}).(kept)
	return upload.picture, upload.err
}

// keepPicture stores an uploaded picture before the operation runs, in whose transaction nothing may
// be waited for but the database. An error is left to the operation: a repeated key has its answer
// already, whatever would be said today.
func keepPicture(products *catalog.Service, library *media.Library, store *idempotency.Store) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx := c.Request().Context()
			form := formIn(ctx)
			if form == nil {
				return next(c)
			}
			command, err := commandOf(c)
			if err != nil {
				return err
			}
			known := false
			if command != nil {
				if known, err = store.Known(ctx, *command); err != nil {
					return err
				}
			}
			if known {
				return next(c)
			}
			match := catalog.Match{}
			if header := c.Request().Header.Get("If-Match"); header != "" {
				match = fromIfMatch(&header)
			}
			var upload kept
			if upload.err = products.RoomForImage(ctx, c.Param("idOrSlug"), match); upload.err == nil {
				upload.picture, upload.err = library.Add(ctx, form.file)
			}
			c.SetRequest(c.Request().WithContext(context.WithValue(ctx, pictureKey{}, upload)))
			return next(c)
		}
	}
}
