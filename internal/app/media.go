package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"cartwright/internal/media"
	"cartwright/internal/postgres"
)

// bucketName is what S3 lets a bucket be called.
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// mediaProblems are what no mode can keep pictures with.
func (c Config) mediaProblems() (problems []error) {
	unless := func(fine bool, problem string) {
		if !fine {
			problems = append(problems, errors.New(problem))
		}
	}
	unless(c.MediaMaxBytes >= 1<<10 && c.MediaMaxBytes <= 100<<20, "MEDIA_MAX_BYTES is not a number of bytes between 1024 and 104857600")
	unless(c.MediaMaxPixels >= 1 && c.MediaMaxPixels <= 200_000_000, "MEDIA_MAX_PIXELS is not a number of pixels between 1 and 200000000")
	if missing := c.missingForBucket(); len(missing) > 0 {
		problems = append(problems, fmt.Errorf(
			"%s not set: a bucket needs MEDIA_S3_ENDPOINT, MEDIA_S3_BUCKET, MEDIA_S3_ACCESS_KEY and MEDIA_S3_SECRET_KEY; set all or no MEDIA_S3 variable",
			isOrAre(missing)))
	}
	unless(c.MediaS3Endpoint == "" || isOrigin(c.MediaS3Endpoint),
		"MEDIA_S3_ENDPOINT is not the address of a service without a path, such as https://s3.eu-central-1.amazonaws.com")
	unless(c.MediaS3Bucket == "" || bucketName.MatchString(c.MediaS3Bucket),
		"MEDIA_S3_BUCKET is not the name of a bucket: lower-case letters, digits, dots and hyphens")
	unless(c.MediaS3PublicURL == "" || isAddress(c.MediaS3PublicURL),
		"MEDIA_S3_PUBLIC_URL is not an absolute address, such as https://cdn.example.com")
	return problems
}

// missingForBucket names what a half configured bucket lacks.
func (c Config) missingForBucket() (missing []string) {
	needed := map[string]string{
		"MEDIA_S3_ENDPOINT": c.MediaS3Endpoint, "MEDIA_S3_BUCKET": c.MediaS3Bucket,
		"MEDIA_S3_ACCESS_KEY": c.MediaS3AccessKey, "MEDIA_S3_SECRET_KEY": c.MediaS3SecretKey,
	}
	begun := c.MediaS3Region != "" || c.MediaS3PublicURL != ""
	for name, value := range needed {
		if value == "" {
			missing = append(missing, name)
		} else {
			begun = true
		}
	}
	if !begun {
		return nil
	}
	slices.Sort(missing)
	return missing
}

func isOrAre(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return strings.Join(names, ", ") + " are"
}

// isOrigin holds for an address of scheme and host alone.
func isOrigin(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && isAddress(text) && (parsed.Path == "" || parsed.Path == "/") &&
		parsed.RawQuery == "" && parsed.Fragment == "" && parsed.User == nil
}

// pictures is where shoppers find uploaded pictures.
func pictures(config Config) media.Addresses {
	if config.MediaS3PublicURL != "" {
		return media.NewAddresses(config.MediaS3PublicURL)
	}
	return media.NewAddresses(config.PublicURL)
}

// library keeps uploads in the bucket, else below the data folder.
func library(config Config, db *postgres.DB, logger *slog.Logger) (*media.Library, error) {
	storage, err := mediaStorage(config)
	if err != nil {
		return nil, err
	}
	return media.New(media.Config{
		DB: db, Storage: storage, MaxBytes: config.MediaMaxBytes, MaxPixels: config.MediaMaxPixels, Now: clock, Logger: logger,
	}), nil
}

func mediaStorage(config Config) (media.Storage, error) {
	if config.MediaS3Endpoint != "" {
		return media.NewBucket(media.BucketConfig{
			Endpoint: config.MediaS3Endpoint, Bucket: config.MediaS3Bucket, Region: config.MediaS3Region,
			AccessKey: config.MediaS3AccessKey, SecretKey: config.MediaS3SecretKey,
		})
	}
	folder, err := filepath.Abs(filepath.Join(config.DataDir, "media"))
	if err != nil {
		return nil, fmt.Errorf("find the folder of pictures: %w", err)
	}
	return media.NewDisk(folder, giveToOwnerOfFolder), nil
}

// giveToOwnerOfFolder hands what root made to whoever owns the folder it stands in.
func giveToOwnerOfFolder(path string) error {
	owner, err := ownerOf(filepath.Dir(path))
	if err != nil {
		return err
	}
	return owner.give(path)
}
