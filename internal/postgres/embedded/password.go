//go:build linux || darwin

package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
)

var passwordShape = regexp.MustCompile(`^[A-Z2-7]{26,}$`) // rand.Text

var errNoPassword = errors.New("no usable password")

func (f folder) readPassword() (string, error) {
	content, err := os.ReadFile(f.file(passwordFile))
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "", fmt.Errorf("%s cannot be read by user %s%s: run as its owner, or set DATA_DIR to another folder",
			f.file(passwordFile), userName(os.Geteuid()), belongsTo(f.file(passwordFile)))
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("read the database's password: %w", err)
	}
	password := strings.TrimSpace(string(content))
	if !passwordShape.MatchString(password) {
		return "", errNoPassword
	}
	return password, nil
}

// ensurePassword makes a new password when there is none or only garbage. A database that exists then refuses it
// and is given the new one.
func (l *launch) ensurePassword() error {
	password, err := l.dir.readPassword()
	if errors.Is(err, errNoPassword) {
		password = rand.Text()
		err = l.dir.write(passwordFile, []byte(password+"\n"), 0o600)
	}
	l.password = password
	return err
}

// resetPassword makes the database take the password of the file. Whoever may read the data folder may do anything
// with the data, so this opens no door; it saves a person whose file got lost.
func (l *launch) resetPassword(ctx context.Context) error {
	l.Logger.WarnContext(ctx, "database refuses its recorded password, setting it anew")
	work, err := openWorkplace(l.data.path, l.who)
	if err != nil {
		return err
	}
	defer work.close()
	sql := fmt.Sprintf("ALTER ROLE cartwright PASSWORD '%s'\n", l.password)
	output, err := l.program(work, "postgres", "--single", "-D", work.path, "postgres").run(ctx, sql)
	if err != nil || strings.Contains(output, "ERROR:") {
		return fmt.Errorf("give the database a new password: %w", explainExit(err, output, l.dir.path))
	}
	return nil
}
