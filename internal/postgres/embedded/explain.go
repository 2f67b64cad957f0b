//go:build linux || darwin

package embedded

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// explain turns what the system says about a folder into a sentence on what to do; other errors stay as they are.
func explain(err error, path string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("the disk that holds %s is full: free some space and start again (%w)", path, err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%s is on a read-only disk: set DATA_DIR to a folder that can be written (%w)", path, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s cannot be written by user %s%s: run as its owner, or set DATA_DIR to another folder (%w)",
			path, userName(os.Geteuid()), belongsTo(path), err)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%s is not a folder: move it away, or set DATA_DIR to another place (%w)", path, err)
	}
	return err
}

// belongsTo names the owner of path, or of its nearest parent that exists.
func belongsTo(path string) string {
	for {
		if uid, _, err := ownerOf(path); err == nil {
			return fmt.Sprintf(" (%s belongs to %s)", path, userName(uid))
		}
		parent := filepath.Dir(path)
		if parent == path {
			return ""
		}
		path = parent
	}
}

// explainExit does the same for a program of PostgreSQL that ended with an error and left this output.
func explainExit(err error, output, path string) error {
	switch {
	case strings.Contains(output, "could not resize shared memory"), strings.Contains(output, "could not map anonymous shared memory"):
		return fmt.Errorf("not enough memory for PostgreSQL: free some and start again; it said: %s", lastLines(output))
	case strings.Contains(output, "No space left on device"), strings.Contains(output, "Disk quota exceeded"), diskFull(path):
		return fmt.Errorf("the disk that holds %s is full: free some space and start again", path)
	case strings.Contains(output, "could not look up effective user ID"):
		return fmt.Errorf("user id %d has no name, which initdb needs: add it to /etc/passwd, run as another user, or set DATABASE_URL", os.Geteuid())
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && output == "" {
		return fmt.Errorf("%w, without a word", err)
	}
	return fmt.Errorf("%w; it said:\n%s", err, lastLines(output))
}

// diskFull looks for itself, because on a full disk the log that would say so cannot be written either.
func diskFull(path string) bool {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(path, &stat); err != nil {
		return false
	}
	const needed = 1 << 20
	return stat.Bavail*uint64(stat.Bsize) < needed
}

func lastLines(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	if len(lines) > 8 {
		lines = lines[len(lines)-8:]
	}
	return "  " + strings.Join(lines, "\n  ")
}

// tail reads the end of the log.
func tail(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	const most = 16 << 10
	if info, err := file.Stat(); err == nil && info.Size() > most {
		if _, err := file.Seek(-most, io.SeekEnd); err != nil {
			return ""
		}
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return ""
	}
	return string(content)
}
