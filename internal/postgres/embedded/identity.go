//go:build linux || darwin

package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// identity is the user that PostgreSQL runs as. Without a credential it is the user we are.
type identity struct {
	name       string
	uid, gid   int
	credential *syscall.Credential
}

// chooseIdentity keeps an ordinary user. Root becomes the owner of the database, else of the data folder, else
// postgres or nobody.
func chooseIdentity(dir folder, data database) (identity, error) {
	if os.Geteuid() != 0 {
		return ordinary(data)
	}
	who, err := insteadOfRoot(dir, data)
	if err != nil {
		return identity{}, err
	}
	return who, who.check()
}

func ordinary(data database) (identity, error) {
	me := identity{name: userName(os.Geteuid()), uid: os.Geteuid(), gid: os.Getegid()}
	if data.exists() && data.uid != me.uid {
		return identity{}, fmt.Errorf("the database in %s belongs to user %s, not to %s: run as that user, or set DATA_DIR to another folder",
			data.path, userName(data.uid), me.name)
	}
	return me, nil
}

func insteadOfRoot(dir folder, data database) (identity, error) {
	if data.exists() {
		if data.uid == 0 {
			return identity{}, fmt.Errorf("the database in %s belongs to root, as whom PostgreSQL refuses to run: give it to another user (chown -R postgres %s)",
				data.path, data.path)
		}
		return become(data.uid, data.gid), nil
	}
	if _, err := user.LookupId(strconv.Itoa(dir.uid)); err == nil && dir.uid != 0 {
		return become(dir.uid, dir.gid), nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if who, ok := named(name); ok {
			return who, nil
		}
	}
	return identity{}, errors.New("PostgreSQL refuses to run as root, and there is no user postgres or nobody to run as: add one, run as an ordinary user, or set DATABASE_URL")
}

func named(name string) (identity, bool) {
	u, err := user.Lookup(name)
	if err != nil {
		return identity{}, false
	}
	uid, uidErr := strconv.ParseInt(u.Uid, 10, 64)
	gid, gidErr := strconv.ParseInt(u.Gid, 10, 64)
	if uidErr != nil || gidErr != nil || uid == 0 {
		return identity{}, false
	}
	return become(int(int32(uid)), int(int32(gid))), true // macOS' nobody is -2
}

func become(uid, gid int) identity {
	return identity{
		name: userName(uid), uid: uid, gid: gid,
		credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)},
	}
}

// check finds out early whether the change of user is allowed at all; some containers forbid it even to root.
func (who identity) check() error {
	cmd := exec.Command("/bin/sh", "-c", ":")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who.credential}
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("/bin/sh is missing, which starting PostgreSQL needs: install it, or set DATABASE_URL")
	}
	return fmt.Errorf("PostgreSQL refuses to run as root, and running it as user %s is not allowed here (%w): run as an ordinary user, or set DATABASE_URL",
		who.name, err)
}

// own gives a new folder to the user the server runs as.
func (who identity) own(path string) error {
	if who.credential == nil {
		return nil
	}
	return os.Chown(path, who.uid, who.gid)
}
