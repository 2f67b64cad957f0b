package media

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// BucketConfig says where a bucket is and who may use it.
type BucketConfig struct {
	Endpoint  string // the address of the service, without the bucket's name
	Bucket    string
	Region    string // us-east-1 when empty, which services without regions take
	AccessKey string
	SecretKey string
}

// Bucket is a storage in any service that speaks S3.
type Bucket struct {
	client *minio.Client
	name   string
}

var _ Storage = (*Bucket)(nil)

const (
	// bucketTime is how long one call may take, and bucketTries how often it is tried within that.
	bucketTime  = 20 * time.Second
	bucketTries = 3
)

// NewBucket makes a storage of a bucket that exists. It asks nothing of the service yet.
func NewBucket(config BucketConfig) (*Bucket, error) {
	endpoint, err := url.Parse(config.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("read the address of the bucket's service: %w", err)
	}
	region := config.Region
	if region == "" {
		region = "us-east-1"
	}
	client, err := minio.New(endpoint.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(config.AccessKey, config.SecretKey, ""),
		Secure: endpoint.Scheme == "https", Region: region, MaxRetries: bucketTries,
	})
	if err != nil {
		return nil, fmt.Errorf("set up the bucket: %w", err)
	}
	return &Bucket{client: client, name: config.Bucket}, nil
}

// objectName is a file's name in the bucket: the path that serves it, so that a content network needs
// no rules of its own.
func objectName(name string) string { return strings.TrimPrefix(Path, "/") + name }

// Put stores an object in one request.
func (b *Bucket) Put(ctx context.Context, name string, content []byte) error {
	ctx, cancel := context.WithTimeout(ctx, bucketTime)
	defer cancel()
	_, err := b.client.PutObject(ctx, b.name, objectName(name), bytes.NewReader(content), int64(len(content)),
		minio.PutObjectOptions{
			ContentType: mediaTypes[formatOf(name)], CacheControl: cacheForever, DisableMultipart: true,
		})
	if err != nil {
		return fmt.Errorf("put an object: %w", err)
	}
	return nil
}

// Open reads an object as far as somebody reads it.
func (b *Bucket) Open(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	object, err := b.client.GetObject(ctx, b.name, objectName(name), minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("get an object: %w", err)
	}
	if _, err := object.Stat(); err != nil {
		_ = object.Close()
		if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
			return nil, fs.ErrNotExist
		}
		return nil, fmt.Errorf("look at an object: %w", err)
	}
	return object, nil
}

// Delete removes objects one by one: not every service knows how to remove many.
func (b *Bucket) Delete(ctx context.Context, names ...string) error {
	for _, name := range names {
		if err := b.client.RemoveObject(ctx, b.name, objectName(name), minio.RemoveObjectOptions{}); err != nil &&
			minio.ToErrorResponse(err).StatusCode != http.StatusNotFound {
			return fmt.Errorf("remove an object: %w", err)
		}
	}
	return nil
}

func formatOf(name string) Format { return Format(strings.TrimPrefix(path.Ext(name), ".")) }
