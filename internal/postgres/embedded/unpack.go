package embedded

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

const (
	wanted      = "package/native/" // the part of the archive that is PostgreSQL
	linksFile   = "pg-symlinks.json"
	mostContent = 1 << 30
)

// unpack writes the archive's PostgreSQL into a new folder. The archive's checksum is known by now; that nothing
// lands outside the folder holds all the same, by os.Root and not by trust.
func unpack(archive, into string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	if err := os.Mkdir(into, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(into)
	if err != nil {
		return err
	}
	defer root.Close()
	entries := tar.NewReader(io.LimitReader(unzipped, mostContent))
	for {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := unpackEntry(root, entry, entries); err != nil {
			return fmt.Errorf("%s: %w", entry.Name, err)
		}
	}
	if err := os.Chmod(into, 0o755); err != nil {
		return err
	}
	return makeLinks(root)
}

func unpackEntry(root *os.Root, entry *tar.Header, content io.Reader) error {
	if !filepath.IsLocal(entry.Name) {
		return errors.New("leads out of the archive's folder")
	}
	name, ok := strings.CutPrefix(path.Clean(entry.Name), wanted)
	if !ok {
		return nil // the npm side of the package
	}
	switch entry.Typeflag {
	case tar.TypeDir:
		return makeDirs(root, name)
	case tar.TypeReg:
		return unpackFile(root, name, entry, content)
	default:
		return errors.New("is neither a file nor a folder")
	}
}

func unpackFile(root *os.Root, name string, entry *tar.Header, content io.Reader) error {
	if err := makeDirs(root, path.Dir(name)); err != nil {
		return err
	}
	perm := os.FileMode(0o644)
	if entry.Mode&0o100 != 0 {
		perm = 0o755
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	// Whatever the umask: the server may run as another user than the one who downloads.
	return errors.Join(err, file.Chmod(perm), file.Close())
}

func makeDirs(root *os.Root, name string) error {
	if name == "." {
		return nil
	}
	if _, err := root.Stat(name); err == nil {
		return nil
	}
	if err := makeDirs(root, path.Dir(name)); err != nil {
		return err
	}
	if err := root.Mkdir(name, 0o755); err != nil {
		return err
	}
	return root.Chmod(name, 0o755)
}

// makeLinks makes the links that npm archives cannot hold and list in a file instead.
func makeLinks(root *os.Root) error {
	content, err := root.ReadFile(linksFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(content, &links); err != nil {
		return fmt.Errorf("%s: %w", linksFile, err)
	}
	for _, link := range links {
		if err := makeLink(root, link.Source, link.Target); err != nil {
			return fmt.Errorf("%s: %s: %w", linksFile, link.Target, err)
		}
	}
	return nil
}

func makeLink(root *os.Root, source, target string) error {
	source, inside := strings.CutPrefix(source, "native/")
	target, alsoInside := strings.CutPrefix(target, "native/")
	if !inside || !alsoInside || !filepath.IsLocal(source) || !filepath.IsLocal(target) {
		return errors.New("leads out of the archive's folder")
	}
	relative, err := filepath.Rel(path.Dir(target), source)
	if err != nil {
		return err
	}
	return root.Symlink(relative, target)
}
