package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/errs"
)

func requireRefused(t *testing.T, err error, code string) {
	t.Helper()
	var known *errs.Error
	require.ErrorAs(t, err, &known)
	require.Equal(t, errs.Invalid, known.Kind)
	require.Equal(t, FileField, known.Fields[0].Name)
	require.Equal(t, code, known.Fields[0].Code)
}

func (s *shelf) records(t *testing.T) (n int) {
	t.Helper()
	require.NoError(t, s.DB.QueryRow(t.Context(), `SELECT count(*) FROM media_files`).Scan(&n))
	return n
}

// files are all below the folder, by their names there.
func (s *shelf) files(t *testing.T) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(s.folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, strings.TrimPrefix(path, s.folder+"/"))
		}
		return err
	}))
	return names
}

func TestAnUploadIsWhatItsBytesSay(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	picture := arrow(20, 10)
	for format, content := range map[Format][]byte{
		JPEG: jpegOf(t, picture), PNG: pngOf(t, picture), WebP: webpOf(),
		GIF: gifOf(t, paletted(image.Rect(0, 0, 20, 10), picture)),
	} {
		added, err := s.add(t, content)
		require.NoError(t, err, format)
		require.Equal(t, format, added.Format)
	}
	before, files := s.records(t), s.files(t)
	for name, content := range map[string]string{
		"SVG":         `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`,
		"SVG in XML":  `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`,
		"HTML":        "<!doctype html><script>alert(1)</script>",
		"BMP":         "BM" + strings.Repeat("\x00", 60),
		"TIFF":        "II*\x00" + strings.Repeat("\x00", 60),
		"a riff":      "RIFF\x04\x00\x00\x00WAVE",
		"half a name": "GIF8",
		"text":        "a picture",
	} {
		_, err := s.add(t, []byte(content))
		requireRefused(t, err, "unsupported_image")
		require.NotContains(t, err.Error(), content, name)
	}
	_, err := s.add(t, nil)
	requireRefused(t, err, "empty")
	for name, content := range map[string]string{
		"only the beginning": "\xFF\xD8\xFF\xE0", "only a name": pngSignature, "nonsense": "GIF89a" + strings.Repeat("\x00", 99),
		"empty WebP": "RIFF\x04\x00\x00\x00WEBP", "too long a WebP": "RIFF\xFF\xFF\xFF\xFFWEBPVP8 ",
	} {
		_, err := s.add(t, []byte(content))
		requireRefused(t, err, "damaged_image")
		require.NotContains(t, err.Error(), content, name)
	}
	require.Equal(t, before, s.records(t))
	require.Equal(t, files, s.files(t))
}

func TestAnUploadIsAsLargeAsIsAllowed(t *testing.T) {
	t.Parallel()
	content := pngOf(t, arrow(20, 10))
	s := newShelf(t, func(c *Config) { c.MaxBytes = int64(len(content)) })
	_, err := s.add(t, content)
	require.NoError(t, err)
	read := &endless{}
	_, err = s.Receive(read)
	require.ErrorIs(t, err, ErrTooLarge)
	require.Less(t, read.n, int64(1<<20), "the rest is not read")
	_, err = s.Receive(io.MultiReader(bytes.NewReader(content), &broken{}))
	require.ErrorIs(t, err, errBroken)
}

type endless struct{ n int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.n += int64(len(p))
	return copy(p, bytes.Repeat([]byte{0xFF}, len(p))), nil
}

var errBroken = errors.New("the line broke")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

func TestAPictureWithTooManyPixelsIsNotDecoded(t *testing.T) {
	t.Parallel()
	s := newShelf(t, func(c *Config) { c.MaxPixels = 20 * 10 })
	_, err := s.add(t, pngOf(t, arrow(20, 10)))
	require.NoError(t, err)
	_, err = s.add(t, pngOf(t, arrow(20, 11)))
	requireRefused(t, err, "too_many_pixels")

	s = newShelf(t, func(c *Config) { c.MaxPixels = 1 << 20 })
	huge := pngOf(t, image.NewGray(image.Rect(0, 0, 1, 1)))
	binary.BigEndian.PutUint32(huge[16:], math.MaxInt32)
	binary.BigEndian.PutUint32(huge[20:], math.MaxInt32)
	copy(huge[29:], chunk("IHDR", string(huge[16:29]))[21:])
	_, err = s.add(t, huge)
	require.Error(t, err)
	bomb := pngOf(t, image.NewGray(image.Rect(0, 0, 4000, 4000))) // 16 megapixels in some kilobytes
	require.Less(t, len(bomb), 64<<10)
	_, err = s.add(t, bomb)
	requireRefused(t, err, "too_many_pixels")

	// A WebP whose canvas is small and whose picture is not.
	lying := webpOf()
	large := bytes.Replace(lying, []byte{0x2f, 0, 0, 0, 0}, []byte{0x2f, 0xFF, 0xFF, 0xFF, 0x0F}, 1)
	require.NotEqual(t, lying, large)
	_, err = s.add(t, large)
	requireRefused(t, err, "damaged_image")

	scans := jpegOf(t, arrow(8, 8))
	sos := bytes.Index(scans, []byte{0xFF, markerSOS})
	endless := append(bytes.Clone(scans[:len(scans)-2]), bytes.Repeat(scans[sos:len(scans)-2], maxScans)...)
	_, err = s.add(t, append(endless, 0xFF, markerEOI))
	requireRefused(t, err, "damaged_image")
}

func TestAsManyPicturesAreDecodedAsThereIsMemoryFor(t *testing.T) {
	t.Parallel()
	s := newShelf(t, func(c *Config) { c.MaxPixels = 200 })
	require.True(t, s.memory.TryAcquire(1))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	upload, err := s.Receive(bytes.NewReader(pngOf(t, arrow(20, 10))))
	require.NoError(t, err)
	defer upload.Close()
	_, err = s.Add(ctx, upload)
	require.ErrorIs(t, err, context.DeadlineExceeded, "it waits its turn, and no longer than its client")
	s.memory.Release(1)
	_, err = s.Add(t.Context(), upload)
	require.NoError(t, err)
	require.True(t, s.memory.TryAcquire(200), "all of it is given back")
}

func TestTheSameUploadIsStoredOnceADay(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	content := jpegOf(t, arrow(200, 100))
	pictures := make([]Picture, 8)
	var all sync.WaitGroup
	for i := range pictures {
		all.Go(func() {
			added, err := s.add(t, content)
			if err == nil {
				pictures[i] = added
			}
		})
	}
	all.Wait()
	for _, picture := range pictures {
		require.Equal(t, Picture{
			Key: pictures[0].Key, Format: JPEG, ThumbnailFormat: JPEG, Width: 200, Height: 100,
		}, picture)
	}
	require.Equal(t, 1, s.records(t))
	require.Len(t, s.files(t), 4)
	require.NoError(t, os.RemoveAll(s.folder))
	again, err := s.add(t, content)
	require.NoError(t, err)
	require.Equal(t, pictures[0], again)
	require.Empty(t, s.existing(t), "it was not even decoded again")
	s.now = s.now.Add(2 * time.Minute) // past midnight
	tomorrow, err := s.add(t, content)
	require.NoError(t, err)
	require.NotEqual(t, again.Key, tomorrow.Key)
	require.Equal(t, again.Key[9:], tomorrow.Key[9:])
}

func (s *shelf) existing(t *testing.T) []string {
	t.Helper()
	if _, err := os.Stat(s.folder); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return s.files(t)
}

// use shows the picture somewhere.
func (s *shelf) use(t *testing.T, picture Picture) (image uuid.UUID) {
	t.Helper()
	category, product := uuid.New(), uuid.New()
	image = uuid.New()
	for _, statement := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO categories (id, name, slug, created_at) VALUES ($1, $2, $2, now())`, []any{category, category.String()}},
		{`INSERT INTO products (id, category_id, name, slug, status, created_at, updated_at)
			VALUES ($1, $2, 'n', $3, 'ACTIVE', now(), now())`, []any{product, category, product.String()}},
		{`INSERT INTO product_images (id, product_id, media_key, created_at) VALUES ($1, $2, $3, now())`, []any{image, product, picture.Key}},
	} {
		_, err := s.DB.Exec(t.Context(), statement.sql, statement.args...)
		require.NoError(t, err)
	}
	return image
}

func TestTheSweepTakesWhatNobodyUses(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	used, err := s.add(t, pngOf(t, arrow(20, 10)))
	require.NoError(t, err)
	unused, err := s.add(t, pngOf(t, arrow(30, 10)))
	require.NoError(t, err)
	first, second := s.use(t, used), s.use(t, used)
	// A crash between the record and its files, and between them.
	cutOff := Picture{Key: "20260329/" + strings.Repeat("a", 64), Format: JPEG, ThumbnailFormat: PNG, Width: 1, Height: 1}
	require.Error(t, s.Library.withStorage(failing{s.storage, cutOff.name(Small)}).store(t.Context(), cutOff,
		&rendered{files: map[Size][]byte{Original: {1}, Large: {1}, Medium: {1}, Small: {1}}}))
	require.NoError(t, os.WriteFile(filepath.Join(s.folder, unfinished, "half"), []byte("half"), 0o600))
	require.Equal(t, 3, s.records(t))
	sweep := func(after time.Duration) {
		s.now = s.now.Add(after)
		require.NoError(t, s.Sweep(t.Context(), Sweep{}))
	}
	sweep(47 * time.Hour)
	require.Equal(t, 3, s.records(t), "an upload may be on its way to its place")
	old := time.Now().Add(-49 * time.Hour)
	require.NoError(t, os.Chtimes(filepath.Join(s.folder, unfinished, "half"), old, old))
	sweep(2 * time.Hour)
	require.Equal(t, 1, s.records(t))
	files := s.files(t)
	require.Len(t, files, 4)
	require.NotContains(t, strings.Join(files, " "), unused.Key)
	require.Contains(t, strings.Join(files, " "), used.Key)

	for i, image := range []uuid.UUID{first, second} {
		_, err := s.DB.Exec(t.Context(), `DELETE FROM product_images WHERE id = $1`, image)
		require.NoError(t, err)
		sweep(0)
		require.Equal(t, 1-i, s.records(t), "the last to show it")
	}
	require.Empty(t, s.files(t))
	entries, err := os.ReadDir(s.folder)
	require.NoError(t, err)
	require.Len(t, entries, 1, "and no empty folders")
}

func (l *Library) withStorage(storage Storage) *Library {
	changed := *l
	changed.storage = storage
	return &changed
}

// failing is a storage that cannot write, or that cannot write one file.
type failing struct {
	Storage
	name string
}

func (f failing) Put(ctx context.Context, name string, content []byte) error {
	if name == f.name || f.name == "" {
		return errBroken
	}
	return f.Storage.Put(ctx, name, content)
}

func (failing) Delete(context.Context, ...string) error { return errBroken }

func TestAStorageThatFailsIsSaidSo(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	working := s.storage
	s.storage = failing{Storage: working}
	content := pngOf(t, arrow(20, 10))
	_, err := s.add(t, content)
	require.ErrorIs(t, err, ErrStorage)
	require.NotContains(t, ErrStorage.Message, errBroken.Error())
	require.Empty(t, s.files(t))
	s.now = s.now.Add(49 * time.Hour)
	require.ErrorIs(t, s.Sweep(t.Context(), Sweep{}), errBroken)
	require.Equal(t, 1, s.records(t), "what was not removed is not forgotten")
	s.storage = working
	s.now = s.now.Add(-49 * time.Hour)
	added, err := s.add(t, content)
	require.NoError(t, err, "the next try is not kept from it")
	require.Len(t, s.files(t), 4)
	require.NotEmpty(t, added.Key)
}

func TestADiskThatCannotBeWrittenIsAStorageThatFails(t *testing.T) {
	t.Parallel()
	place := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(place, nil, 0o600))
	s := newShelf(t, func(c *Config) { c.Storage = NewDisk(filepath.Join(place, "media"), func(string) error { return nil }) })
	_, err := s.add(t, pngOf(t, arrow(20, 10)))
	require.ErrorIs(t, err, ErrStorage)
}

func TestWhatIsNewBelongsToTheFoldersOwner(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "deep", "media")
	given := map[string]bool{}
	disk := NewDisk(folder, func(path string) error {
		_, err := os.Stat(path)
		given[strings.TrimPrefix(path, folder)] = true
		return err
	})
	require.NoError(t, disk.Put(t.Context(), "20260329/a/small.jpg", []byte("a")))
	for _, path := range []string{"", "/unfinished", "/20260329", "/20260329/a"} {
		require.True(t, given[path], path)
	}
	require.Len(t, given, 6, "the folder above, and the file while it had another name")
}
