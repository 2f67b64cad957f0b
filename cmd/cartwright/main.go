// Command cartwright is the whole shop in one binary; `cartwright --help` lists what it does.
package main

import (
	"os"

	"cartwright/internal/app"
)

func main() { os.Exit(app.Main()) }
