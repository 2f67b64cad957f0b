package app

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keptSecret is the secret in a file, which is made when there is none. Only dev mode keeps secrets
// in files.
func keptSecret(file, prefix string) (string, error) {
	text, err := os.ReadFile(file) //nolint:gosec // a file of the data folder
	if kept := strings.TrimSpace(string(text)); err == nil && len(kept) >= minSecret {
		return kept, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read %s: %w", file, err)
	}
	var random [36]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program first
	secret := prefix + base64.RawURLEncoding.EncodeToString(random[:])
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // the database's user must pass
		return "", fmt.Errorf("make the data folder: %w", err)
	}
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep a secret in the data folder: %w", err)
	}
	return secret, nil
}
