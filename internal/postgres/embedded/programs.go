//go:build linux || darwin

package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// oldest is the first major version that has what the shop's migrations use.
const oldest = 15

// programs is a bin folder with initdb and postgres that run.
type programs struct {
	dir   string
	major int
}

func (p programs) String() string { return fmt.Sprintf("PostgreSQL %d (%s)", p.major, p.dir) }

// findPrograms takes the first that fits: any of version 15 or newer, or, when a database exists, of exactly its
// version. What the machine lacks is downloaded if that is allowed and helps.
func (l *launch) findPrograms(ctx context.Context) (programs, error) {
	p, others, ok := l.pick(ctx, l.binDirs(ctx))
	if ok {
		return p, nil
	}
	release, known := releases[platform()]
	if l.Download && l.BinDir == "" && known && (!l.data.exists() || l.data.major == releaseMajor) {
		return l.download(ctx, release)
	}
	return programs{}, l.noPrograms(others)
}

func (l *launch) pick(ctx context.Context, dirs []string) (p programs, others []programs, ok bool) {
	for _, dir := range dirs {
		p, err := probe(ctx, dir, l.who)
		if err != nil {
			continue
		}
		if p.major >= oldest && (!l.data.exists() || p.major == l.data.major) {
			return p, others, true
		}
		others = append(others, p)
	}
	return programs{}, others, false
}

func (l *launch) download(ctx context.Context, r release) (programs, error) {
	dir, err := fetcher{cache: l.CacheDir, registry: l.Registry, progress: l.Progress}.fetch(ctx, r)
	if err != nil {
		return programs{}, err
	}
	p, err := probe(ctx, filepath.Join(dir, "bin"), l.who)
	if err != nil {
		return programs{}, fmt.Errorf("the downloaded PostgreSQL does not run on this machine (%w): %s", err, remedy(""))
	}
	return p, nil
}

func (l *launch) noPrograms(found []programs) error {
	names := make([]string, len(found))
	for i, p := range found {
		names[i] = p.String()
	}
	have := "none was found"
	if l.who.credential != nil {
		have = "none that user " + l.who.name + " can run was found"
	}
	switch {
	case len(names) > 0:
		have = "only " + strings.Join(names, ", ") + " was found"
	case l.BinDir != "":
		have += " in " + l.BinDir
	}
	if l.data.exists() {
		major := strconv.Itoa(l.data.major)
		return fmt.Errorf("the database in %s needs PostgreSQL %s, and %s: %s, or move %s away to start with an empty one",
			l.data.path, major, have, remedy(major), l.data.path)
	}
	return fmt.Errorf("PostgreSQL %d or newer is needed, and %s: %s", oldest, have, remedy(""))
}

// remedy names the command that installs PostgreSQL here.
func remedy(major string) string {
	if runtime.GOOS == "darwin" {
		if major == "" {
			major = strconv.Itoa(releaseMajor)
		}
		return "install it (brew install postgresql@" + major + "), or set DATABASE_URL"
	}
	if major != "" {
		major = "-" + major
	}
	return "install it (Debian, Ubuntu: apt install postgresql" + major + "), or set DATABASE_URL"
}

// binDirs lists where to look, best first, each once.
func (l *launch) binDirs(ctx context.Context) []string {
	if l.BinDir != "" {
		return []string{l.BinDir}
	}
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", // Debian
		"/usr/pgsql-*/bin",          // PostgreSQL's own rpm packages
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	} {
		dirs = append(dirs, newestFirst(pattern)...)
	}
	if release, ok := releases[platform()]; ok && l.CacheDir != "" {
		dirs = append(dirs, filepath.Join(l.CacheDir, release.folder(), "bin"))
	}
	return unique(dirs)
}

var number = regexp.MustCompile(`\d+`)

func newestFirst(pattern string) []string {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return nil
	}
	version := func(dir string) int {
		n, _ := strconv.Atoi(number.FindString(filepath.Base(filepath.Dir(dir))))
		return n
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return version(b) - version(a) })
	return dirs
}

func unique(dirs []string) []string {
	var once []string
	for _, dir := range dirs {
		if real, err := filepath.EvalSymlinks(dir); err == nil && !slices.Contains(once, real) {
			once = append(once, real)
		}
	}
	return once
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// probe runs the programs as the user that the server will be, so that what that user cannot reach does not count.
func probe(ctx context.Context, dir string, who identity) (programs, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return programs{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version")
	cmd.Dir, cmd.Env = "/", childEnv
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who.credential}
	out, err := cmd.Output()
	if err != nil {
		return programs{}, err
	}
	match := versionLine.FindSubmatch(out)
	if match == nil {
		return programs{}, errors.New("it is not PostgreSQL")
	}
	major, err := strconv.Atoi(string(match[1]))
	return programs{dir: dir, major: major}, err
}
