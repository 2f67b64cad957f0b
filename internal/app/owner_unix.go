//go:build unix

package app

import (
	"fmt"
	"os"
	"syscall"
)

// owner is the user and group that files belong to.
type owner struct{ uid, gid int }

func ownerOf(path string) (owner, error) {
	info, err := os.Stat(path)
	if err != nil {
		return owner{}, fmt.Errorf("look at the data folder: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return owner{}, fmt.Errorf("%s has no owner", path)
	}
	return owner{uid: int(stat.Uid), gid: int(stat.Gid)}, nil
}

// give hands a file to the owner. Only root can, and only root needs to.
func (o owner) give(path string) error {
	if os.Geteuid() != 0 || o.uid == 0 {
		return nil
	}
	return os.Lchown(path, o.uid, o.gid)
}
