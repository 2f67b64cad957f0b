package embedded

import (
	"fmt"
	"os"
	"syscall"
)

// descriptorPaths tells that /proc/self/fd/N leads to an inherited folder whatever its parents allow.
const descriptorPaths = true

// serverRunsIn tells whether the process is a PostgreSQL at work in this data folder: a server's working folder is
// its data folder, and it is not for a stranger that got the process id of a dead server.
func serverRunsIn(pid int, data string) bool {
	working, err := os.Stat(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	folder, err := os.Stat(data)
	return err == nil && os.SameFile(working, folder)
}

// memoryDir is a folder in memory with room for a server, or empty. (Containers often have 64 MB, too little.)
func memoryDir() string {
	const dir, needed = "/dev/shm", 2 << 30
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil || stat.Bavail*uint64(stat.Bsize) < needed {
		return ""
	}
	return dir
}
