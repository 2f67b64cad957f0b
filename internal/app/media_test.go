package app

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/media"
)

func TestABucketIsSetUpWholeOrNotAtAll(t *testing.T) {
	whole := map[string]string{
		"MEDIA_S3_ENDPOINT": "https://s3.example.com", "MEDIA_S3_BUCKET": "shop-pictures",
		"MEDIA_S3_ACCESS_KEY": "key", "MEDIA_S3_SECRET_KEY": "secret",
	}
	read := func(t *testing.T, change map[string]string) (Config, error) {
		t.Helper()
		variables := maps.Clone(whole)
		maps.Copy(variables, change)
		for name, value := range variables {
			t.Setenv(name, value)
		}
		return readConfig()
	}
	config, err := read(t, nil)
	require.NoError(t, err)
	storage, err := mediaStorage(config)
	require.NoError(t, err)
	require.IsType(t, &media.Bucket{}, storage)
	for name := range whole {
		t.Run("without "+name, func(t *testing.T) {
			_, err := read(t, map[string]string{name: ""})
			require.ErrorContains(t, err, name+" is not set: a bucket needs")
		})
	}
	t.Run("begun with what is optional", func(t *testing.T) {
		for name := range whole {
			t.Setenv(name, "")
		}
		t.Setenv("MEDIA_S3_REGION", "eu-central-1")
		_, err := readConfig()
		require.ErrorContains(t, err,
			"MEDIA_S3_ACCESS_KEY, MEDIA_S3_BUCKET, MEDIA_S3_ENDPOINT, MEDIA_S3_SECRET_KEY are not set")
	})
	for name, wrong := range map[string]string{
		"MEDIA_S3_ENDPOINT": "s3.example.com", "MEDIA_S3_BUCKET": "Shop/Pictures", "MEDIA_S3_PUBLIC_URL": "cdn.example.com",
		"MEDIA_MAX_BYTES": "10MB", "MEDIA_MAX_PIXELS": "0",
	} {
		t.Run("wrong "+name, func(t *testing.T) {
			_, err := read(t, map[string]string{name: wrong})
			require.ErrorContains(t, err, name+" is not ")
			require.NotContains(t, err.Error(), "parse")
		})
	}
	t.Run("with a path", func(t *testing.T) {
		_, err := read(t, map[string]string{"MEDIA_S3_ENDPOINT": "https://s3.example.com/shop-pictures"})
		require.ErrorContains(t, err, "MEDIA_S3_ENDPOINT is not the address of a service without a path")
	})
}

func TestPicturesAreFetchedFromWhereShoppersReachThem(t *testing.T) {
	t.Parallel()
	picture := media.Picture{Key: "20260329/a", Format: media.JPEG}
	config := Config{PublicURL: "https://shop.example.com"}
	require.Equal(t, "https://shop.example.com/media/20260329/a/original.jpg", pictures(config).Of(picture, media.Original))
	config.MediaS3PublicURL = "https://cdn.example.com/"
	require.Equal(t, "https://cdn.example.com/media/20260329/a/original.jpg", pictures(config).Of(picture, media.Original))
}

func TestPicturesAreKeptInTheDataFolderUnlessThereIsABucket(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "not there yet")
	storage, err := mediaStorage(Config{DataDir: data})
	require.NoError(t, err)
	require.NoDirExists(t, data, "nothing is made before it is needed")
	const name = "20260329/a/small.jpg"
	require.NoError(t, storage.Put(t.Context(), name, []byte("a picture")))
	kept, err := os.ReadFile(filepath.Join(data, "media", name))
	require.NoError(t, err)
	require.Equal(t, "a picture", string(kept))
	file, err := storage.Open(t.Context(), name)
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	read, err := io.ReadAll(file)
	require.NoError(t, err)
	require.Equal(t, kept, read)
}
