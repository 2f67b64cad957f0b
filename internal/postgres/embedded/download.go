package embedded

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// fetcher downloads programs into a cache that all data folders of the machine share.
type fetcher struct {
	cache    string
	registry string
	progress io.Writer
}

// fetch returns the folder of the unpacked release. The archive is checked whole before anything in it is looked at,
// and the folder appears under its name only when it is complete.
func (f fetcher) fetch(ctx context.Context, r release) (string, error) {
	if f.cache == "" {
		return "", errors.New("there is no cache folder to download PostgreSQL into: set HOME, or install PostgreSQL")
	}
	final := filepath.Join(f.cache, r.folder())
	if _, err := os.Stat(final); err == nil {
		return final, nil
	}
	if err := makeCache(f.cache); err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	temp, err := os.MkdirTemp(f.cache, ".download-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the download: %w", err)
	}
	defer os.RemoveAll(temp)
	archive := filepath.Join(temp, "archive.tgz")
	if err := f.download(ctx, r, archive); err != nil {
		return "", fmt.Errorf("download PostgreSQL: %w; try again, or install PostgreSQL, or set DATABASE_URL", err)
	}
	if err := unpack(archive, filepath.Join(temp, "native")); err != nil {
		return "", fmt.Errorf("unpack PostgreSQL: %w", err)
	}
	if err := os.Rename(filepath.Join(temp, "native"), final); err != nil && !isFolder(final) {
		return "", fmt.Errorf("keep the downloaded PostgreSQL: %w", err)
	}
	return final, nil // perhaps of another process that was faster
}

// makeCache lets the server's user in, whatever the umask says.
func makeCache(path string) error {
	if isFolder(path) {
		return nil
	}
	return errors.Join(os.MkdirAll(path, 0o755), os.Chmod(path, 0o755))
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// download stores the archive and compares its checksum.
func (f fetcher) download(ctx context.Context, r release, path string) error {
	fmt.Fprintf(f.progress, "downloading PostgreSQL %d (%d MB, once) from %s\n", releaseMajor, r.size>>20, f.registry)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	body, err := get(ctx, r.url(f.registry))
	if err != nil {
		return err
	}
	defer body.Close()
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha512.New()
	meter := newMeter(f.progress, r.size, cancel)
	defer meter.stop()
	// One byte more than expected is enough to know that it is something else.
	n, err := io.Copy(io.MultiWriter(file, sum, meter), io.LimitReader(body, r.size+1))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("after %d of %d bytes: %w", n, r.size, err)
	}
	if got := base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != r.sha512 {
		return fmt.Errorf("what came (%d bytes) is not the expected archive (%d bytes): its checksum is wrong, so it was thrown away", n, r.size)
	}
	return file.Close()
}

func get(ctx context.Context, url string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = stallPatience
	transport.DisableKeepAlives = true
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("%s answered %s", url, response.Status)
	}
	return response.Body, nil
}

// stallPatience is how long a download may make no progress at all.
const stallPatience = 30 * time.Second

// meter prints a line per tenth and ends a download that stalls.
type meter struct {
	to          io.Writer
	total, done int64
	tenths      int64
	stall       *time.Timer
}

func newMeter(to io.Writer, total int64, cancel context.CancelCauseFunc) *meter {
	stalled := fmt.Errorf("no data for %s", stallPatience)
	return &meter{to: to, total: total, stall: time.AfterFunc(stallPatience, func() { cancel(stalled) })}
}

func (m *meter) Write(p []byte) (int, error) {
	m.stall.Reset(stallPatience)
	m.done += int64(len(p))
	if tenths := min(10, m.done*10/m.total); tenths > m.tenths {
		m.tenths = tenths
		fmt.Fprintf(m.to, "  %3d %%\n", tenths*10)
	}
	return len(p), nil
}

func (m *meter) stop() { m.stall.Stop() }
