package embedded

import (
	"os/exec"
	"strconv"
	"strings"
)

// descriptorPaths is false: macOS has no /proc.
const descriptorPaths = false

// serverRunsIn tells whether the process is a PostgreSQL. Which folder it works in would take lsof; a stranger with
// the process id of a dead server is rarely another PostgreSQL.
func serverRunsIn(pid int, _ string) bool {
	name, err := exec.Command("/bin/ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(name), "postgres")
}

func memoryDir() string { return "" }
