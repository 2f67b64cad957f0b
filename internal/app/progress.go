package app

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress is a bar for somebody who watches. Where nobody does it draws nothing, and every method
// may be called all the same.
type progress struct{ bar *progressbar.ProgressBar }

// newProgress draws on a terminal and nowhere else: a log or a pipe has no use for a bar. A total of
// 0 or less is one that nobody knows; the bar then counts without promising an end.
func newProgress(out io.Writer, title string, total int64) *progress {
	if !isTerminal(out) {
		return &progress{}
	}
	return drawn(out, title, total)
}

func drawn(out io.Writer, title string, total int64) *progress {
	if total <= 0 {
		total = -1
	}
	return &progress{progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(out),
		progressbar.OptionSetDescription(title),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetSpinnerChangeInterval(0), // else it draws by itself, even after end
		progressbar.OptionClearOnFinish(),             // what a command has to say at its end stands alone
	)}
}

// add says that so many more are done.
func (p *progress) add(n int64) {
	if p.bar != nil {
		_ = p.bar.Add64(n) // fails only beyond the total: no reason to end the work
	}
}

// end takes the bar away, whether everything was done or not.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
		_ = p.bar.Exit()
	}
}
